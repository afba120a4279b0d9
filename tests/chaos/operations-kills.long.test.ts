// The long run of operations-kills: `npm run test:long`.
import { it } from "vitest";
import { killAtRandom } from "../operations/two-operators.ts";

const KILLS = 300;
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

it(`survives ${KILLS} kills at random moments (SEED=${SEED})`, async () => killAtRandom({ kills: KILLS, seed: SEED }));
