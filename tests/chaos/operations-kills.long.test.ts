// The long run of operations-kills: `npm run test:long`.
import { it } from "vitest";
import { weather } from "../operations/storm.ts";

const KILLS = 300;
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

it(`survives ${KILLS} kills of every kind at random moments (SEED=${SEED})`, async () =>
  weather({ kills: KILLS, seed: SEED }));
