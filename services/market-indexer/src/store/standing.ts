// What an operator wants to know beside the progress: gaps, dead letters, reorganisations.
import { queryRows, type Queryable } from "@tidegate/postgres";
import { gapsOf, readCoverage, type CoveredRange, type Gap } from "./coverage.ts";
import { readFirstBlock } from "./market-identity.ts";
import { readLastBlock } from "./progress.ts";

export interface Standing {
  readonly coverage: readonly CoveredRange[];
  readonly gaps: readonly Gap[];
  readonly deadLetters: bigint;
  readonly reorgs: bigint;
}

export async function readStanding(source: Queryable): Promise<Standing> {
  const coverage = await readCoverage(source);
  const [counts] = await queryRows<{ deadLetters: bigint; reorgs: bigint }>(
    source,
    `select (select count(*) from dead_letters) as "deadLetters", (select count(*) from reorgs) as reorgs`,
  );
  return {
    coverage,
    gaps: gapsOf(coverage, { first: await readFirstBlock(source), last: await readLastBlock(source) }),
    deadLetters: counts?.deadLetters ?? 0n,
    reorgs: counts?.reorgs ?? 0n,
  };
}
