// The indexer under test, as `tidegate up` runs it: a process of its own, from its sources.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { INDEXER_NODE_FLAGS } from "@tidegate/market-indexer/settings";
import { COMPILE_CACHE } from "./compile-cache.ts";
import type { MarketDatabase } from "./market-database.ts";
import { watchProcess, type ProcessCost } from "./watch-process.ts";

const PROGRAM = fileURLToPath(new URL("../../../services/market-indexer/src/main.ts", import.meta.url));

export interface IndexerStart {
  readonly rpcUrl: string;
  readonly market: string;
  readonly database: MarketDatabase;
  readonly startBlock: number;
  /** Undefined: it follows the head. */
  readonly endBlock?: number;
  /** Further flags. */
  readonly flags?: readonly string[];
}

export interface RunningIndexer {
  /** Resolves when it has ended by itself with 0; throws with its last lines otherwise. */
  readonly ended: Promise<ProcessCost>;
  /** SIGTERM, and waits. */
  stop(): Promise<ProcessCost>;
}

const LAST_LINES = 20;

export function startIndexer(start: IndexerStart): RunningIndexer {
  const { rpcUrl, market, database, startBlock, endBlock, flags = [] } = start;
  const place = ["--rpc-url", rpcUrl, "--boundless-market-address", market, "--start-block", `${startBlock}`];
  const end = endBlock === undefined ? [] : ["--end-block", `${endBlock}`];
  const child = spawn(process.execPath, [...INDEXER_NODE_FLAGS, PROGRAM, ...place, ...end, ...flags], {
    env: { PATH: process.env["PATH"], DATABASE_URL: database.url.reveal(), ...COMPILE_CACHE },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const watch = watchProcess(child.pid ?? 0);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      lines.push(...text.split("\n").filter(Boolean));
      lines.splice(0, lines.length - LAST_LINES);
    });
  }
  const ended = once(child, "exit").then(([code]) => {
    const cost = watch.stop();
    if (code !== 0) throw new Error(`the indexer ended with ${String(code)}:\n${lines.join("\n")}`);
    return cost;
  });
  // It is awaited later; until then its failure is nobody's.
  ended.catch(() => undefined);
  return {
    ended,
    stop: async () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
