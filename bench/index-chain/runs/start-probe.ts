// The probe as a process of its own; its stretches come by stdin, so that one process can be asked again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { KeptChain } from "../ensure-chain.ts";
import { COMPILE_CACHE } from "./compile-cache.ts";
import type { MarketDatabase } from "./market-database.ts";
import { watchProcess, type ProcessCost } from "./watch-process.ts";

const PROGRAM = fileURLToPath(new URL("../probe/main.ts", import.meta.url));

interface ProbeAnswer {
  readonly events: number;
  /** From the line read to the last COMMIT. */
  readonly ms: number;
}

export interface RunningProbe {
  copy(range: { readonly from: number; readonly to: number }): Promise<ProbeAnswer>;
  stop(): Promise<ProcessCost>;
}

/** The endpoint's cap, and what of it the probe asks for at once. */
const LOGS_PER_RANGE = 9_000;
const DEPTH = 4;

export function startProbe(input: {
  readonly chain: KeptChain;
  readonly rpcUrl: string;
  readonly database: MarketDatabase;
}): RunningProbe {
  const { chain, rpcUrl, database } = input;
  const { chainId, market, shape } = chain.facts;
  const blocksPerRange = Math.max(1, Math.floor(LOGS_PER_RANGE / shape.eventsPerBlock));
  const given = { rpcUrl, chainId, market, databaseUrl: database.url.reveal(), blocksPerRange, depth: DEPTH };
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(given)], {
    env: { ...process.env, ...COMPILE_CACHE },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const watch = watchProcess(child.pid ?? 0);
  const lines = createInterface({ input: child.stdout });
  const exited = once(child, "exit");
  const failed = exited.then(([code]) => Promise.reject(new Error(`the probe ended with ${String(code)}`)));
  failed.catch(() => undefined);
  return {
    copy: async (range) => {
      const line = once(lines, "line") as Promise<[string]>;
      child.stdin.write(`${JSON.stringify(range)}\n`);
      const [text] = await Promise.race([line, failed]);
      return JSON.parse(text) as ProbeAnswer;
    },
    stop: async () => {
      child.stdin.end();
      await exited;
      return watch.stop();
    },
  };
}
