// As simulation.parts.test.ts, a thousand times. SEED=… begins with that seed; RUNS=… says how many there are.
import { describe, expect, it } from "vitest";
import { seed } from "./testing/market-arbitraries.ts";
import { openMarketDatabase } from "./testing/market-database.ts";
import { simulate } from "./testing/simulate.ts";

const runs = Number(process.env["RUNS"] ?? 1_000);

describe(`simulation (seeds ${seed} to ${seed + runs - 1})`, () => {
  it(`${runs} random lives end with the tables of the final chain`, async () => {
    const databases = { lived: await openMarketDatabase(), truth: await openMarketDatabase() };
    let reorgs = 0;
    try {
      for (let run = 0; run < runs; run++) reorgs += (await simulate(seed + run, databases)).reorgs;
    } finally {
      await Promise.all([databases.lived.close(), databases.truth.close()]);
    }
    expect(reorgs).toBeGreaterThan(runs / 2);
  });
});
