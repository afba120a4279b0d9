// The replay server as a bench starts, steers and stops it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { KeptChain } from "../ensure-chain.ts";

export interface ReplayStats {
  /** HTTP requests, and the calls in them by method. */
  requests: number;
  readonly calls: Record<string, number>;
  /** Calls answered with an error: ranges over the cap. */
  refused: number;
  bytes: number;
  /** When the first eth_getLogs came (Date.now()). */
  firstLogsAt: number | null;
  /** Of the server's process since it started. */
  cpuSeconds: number;
}

export interface Replay {
  url(chain: KeptChain): string;
  control(chain: KeptChain, state: { readonly head?: number; readonly latencyMs?: number }): Promise<void>;
  reset(chain: KeptChain): Promise<void>;
  stats(chain: KeptChain): Promise<ReplayStats>;
  stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL("main.ts", import.meta.url));

export async function startReplay(chains: readonly KeptChain[]): Promise<Replay> {
  const child = spawn(process.execPath, [PROGRAM, ...chains.map(({ folder }) => folder)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    exited.then(([code]) => Promise.reject(new Error(`the replay server ended with ${code} before it listened`))),
  ])) as [string];
  const { port } = JSON.parse(line) as { readonly port: number };
  const url = (chain: KeptChain): string => `http://127.0.0.1:${port}/${chain.facts.shape.name}`;
  const post = async (address: string, body: unknown): Promise<void> => {
    const response = await fetch(address, { method: "POST", body: JSON.stringify(body) });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the replay server answered ${response.status} to ${address}`);
  };
  return {
    url,
    control: (chain, state) => post(`${url(chain)}/control`, state),
    reset: (chain) => post(`${url(chain)}/reset`, {}),
    stats: async (chain) => (await (await fetch(`${url(chain)}/stats`)).json()) as ReplayStats,
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
