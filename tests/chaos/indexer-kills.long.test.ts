// As indexer-kills.test.ts, 50 times.
import { expect, it } from "vitest";
import { indexerKillRounds } from "./indexer-kill-rounds.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000_000);

it(`50 SIGKILLs at random moments of a sync leave every table as an undisturbed one does (SEED=${seed})`, async () => {
  const reached = await indexerKillRounds({ kills: 50, seed });
  expect(new Set(reached).size, "the kills came at different blocks").toBeGreaterThan(20);
});
