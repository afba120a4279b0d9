import { expect, it } from "vitest";
import { killRounds } from "./kill-rounds.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);

it(`loses and doubles no row in 12 kills of everything (SEED=${SEED})`, async () => {
  const counts = await killRounds({ rounds: 12, seed: SEED });
  expect(counts.request_submitted_events).toBeGreaterThan(50);
});
