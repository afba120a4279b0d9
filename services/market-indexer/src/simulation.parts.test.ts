// Random reorganisations and faults: whatever the indexer went through, its tables are those of the final chain.
// SEED=… begins with that seed; RUNS=… says how many there are.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seed } from "./testing/market-arbitraries.ts";
import { openMarketDatabase } from "./testing/market-database.ts";
import { simulate, type Databases, type Simulated } from "./testing/simulate.ts";

const runs = Number(process.env["RUNS"] ?? 64);

describe(`simulation (seeds ${seed} to ${seed + runs - 1})`, () => {
  let databases: Databases;
  beforeAll(async () => {
    databases = { lived: await openMarketDatabase(), truth: await openMarketDatabase() };
  });
  afterAll(async () => {
    await Promise.all([databases.lived.close(), databases.truth.close()]);
  });

  it(`${runs} random lives end with the tables of the final chain`, { timeout: 300_000 }, async () => {
    const lives: Simulated[] = [];
    for (let run = 0; run < runs; run++) lives.push(await simulate(seed + run, databases));
    const total = (count: (life: Simulated) => number): number => lives.reduce((sum, life) => sum + count(life), 0);
    // That they went through something, and that something came of it.
    expect(total(({ reorgs }) => reorgs)).toBeGreaterThan(runs / 2);
    expect(total(({ refused }) => refused)).toBeGreaterThan(runs / 2);
    expect(total(({ deadLetters }) => deadLetters)).toBeGreaterThan(0);
    expect(total(({ events }) => events)).toBeGreaterThan(20 * runs);
  });
});
