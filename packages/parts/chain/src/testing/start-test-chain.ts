// A chain for one test: blocks only on demand, a folder and a port of its own, nothing left behind.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedChain, type EmbeddedChain, type EmbeddedChainOptions } from "../embedded/start-embedded-chain.ts";

export interface TestChain extends EmbeddedChain {
  readonly dataDir: string;
}

/** Starts an embedded chain in a temporary folder; `stop` removes both. */
export async function startTestChain(options: Partial<Omit<EmbeddedChainOptions, "dataDir">> = {}): Promise<TestChain> {
  const dataDir = mkdtempSync(join(tmpdir(), "tidegate-chain-"));
  const chain = await startEmbeddedChain({ port: 0, blockTimeMs: "manual", ...options, dataDir });
  const stop = async (): Promise<void> => {
    await chain.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { ...chain, dataDir, stop };
}
