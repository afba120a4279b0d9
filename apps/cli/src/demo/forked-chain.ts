// A copy of an installation's chain that may be reorganised: the embedded chain itself refuses to be.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { anvilBinary } from "@tidegate/chain";
import { waitUntil } from "@tidegate/kernel";
import type { OutsideClients } from "./outside-clients.ts";
import { freePort } from "./free-port.ts";

export interface ForkedChain {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const START_LIMIT_MS = 30_000;

/** Starts an anvil that continues the chain at `upstream` on its own; it mines a block for each transaction. */
export async function forkChain(clients: OutsideClients, upstream: string): Promise<ForkedChain> {
  const port = await freePort();
  const child = spawn(
    anvilBinary(),
    ["--host", "127.0.0.1", "--port", String(port), "--silent", "--fork-url", upstream, "--no-storage-caching"],
    { stdio: "ignore", env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" } },
  );
  const ended = once(child, "close");
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitUntil(async () => clients.rpc(url, "eth_chainId", []).catch(() => undefined), {
      what: "The copy of the chain",
      limitMs: START_LIMIT_MS,
      everyMs: 200,
      remedy: "Run the chapter again.",
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}
