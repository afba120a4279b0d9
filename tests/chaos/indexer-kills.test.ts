// The market indexer, killed while it syncs.
import { expect, it } from "vitest";
import { indexerKillRounds } from "./indexer-kill-rounds.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000_000);

it(`8 SIGKILLs at random moments of a sync leave every table as an undisturbed one does (SEED=${seed})`, async () => {
  const reached = await indexerKillRounds({ kills: 8, seed });
  expect(new Set(reached).size, "the kills came at different blocks").toBeGreaterThan(3);
});
