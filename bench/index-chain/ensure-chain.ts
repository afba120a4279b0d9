// The chain of one shape, made on demand and kept in node_modules/.cache: the same seed gives the same events.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChainShape } from "./chain-shape.ts";
import { mineChain, type ChainFacts } from "./mine/mine-chain.ts";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/tidegate-bench/", import.meta.url));
/** Raise it with every change of what a shape and a seed give: chains of an older generator are then not used. */
const GENERATOR = 1;

export interface KeptChain {
  readonly folder: string;
  readonly facts: ChainFacts;
}

/** Takes a minute the first time, and says so on stderr. */
export async function ensureChain(shape: ChainShape): Promise<KeptChain> {
  const identity = JSON.stringify({ ...shape, generator: GENERATOR });
  const folder = join(CACHE, `${shape.name}-${createHash("sha256").update(identity).digest("hex").slice(0, 12)}`);
  if (!existsSync(folder)) {
    const begun = performance.now();
    console.error(`mining ${shape.blocks * shape.eventsPerBlock} events in ${shape.blocks} blocks …`);
    const draft = `${folder}.${process.pid}`;
    mkdirSync(draft, { recursive: true });
    try {
      await mineChain(shape, draft);
      renameSync(draft, folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
    console.error(`mined in ${((performance.now() - begun) / 1_000).toFixed(0)} s, kept in ${folder}`);
  }
  return { folder, facts: JSON.parse(readFileSync(join(folder, "facts.json"), "utf8")) as ChainFacts };
}
