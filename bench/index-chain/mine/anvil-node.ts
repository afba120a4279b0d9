// A bare anvil that mines on demand, for the making of a chain; ended by its pid.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { anvilBinary } from "@tidegate/chain";

export interface AnvilNode {
  /** The results in the order of the calls; throws on the first error. */
  batch(calls: ReadonlyArray<readonly [method: string, params: readonly unknown[]]>): Promise<unknown[]>;
  call<T>(method: string, ...params: readonly unknown[]): Promise<T>;
  stop(): Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export async function startAnvil(options: {
  readonly chainId: number;
  readonly genesis: number;
  /** Unix seconds of the genesis block. */
  readonly timestamp: number;
}): Promise<AnvilNode> {
  const { chainId, genesis, timestamp } = options;
  const settings = [
    "--port",
    "0",
    "--no-mining",
    "--order",
    "fifo",
    "--gas-limit",
    "4000000000",
    "--no-request-size-limit",
  ];
  const identity = ["--chain-id", `${chainId}`, "--number", `${genesis}`, "--timestamp", `${timestamp}`];
  const child = spawn(anvilBinary(), [...settings, ...identity], { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, address] = /^Listening on (\S+)/.exec(line) ?? [];
      if (address !== undefined) resolve(`http://${address}`);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`anvil ended with ${code} before it listened`)));
  });
  const batch: AnvilNode["batch"] = async (calls) => {
    const body = JSON.stringify(calls.map(([method, params], id) => ({ jsonrpc: "2.0", id, method, params })));
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    const answers = (await response.json()) as readonly Answer[];
    return [...answers]
      .sort((a, b) => a.id - b.id)
      .map(({ id, error, result }) => {
        if (error !== undefined) throw new Error(`anvil refused ${calls[id]?.[0]}: ${error.message}`);
        return result;
      });
  };
  return {
    batch,
    call: async <T>(method: string, ...params: readonly unknown[]) => (await batch([[method, params]]))[0] as T,
    stop: async () => {
      if (child.exitCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}
