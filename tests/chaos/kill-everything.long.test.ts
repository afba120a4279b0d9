// The long run of kill-everything: `npm run test:long`.
import { expect, it } from "vitest";
import { killRounds } from "./kill-rounds.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);

it(`loses and doubles no row in 200 kills of everything (SEED=${SEED})`, async () => {
  const counts = await killRounds({ rounds: 200, seed: SEED });
  expect(counts.request_submitted_events).toBeGreaterThan(1_000);
});
