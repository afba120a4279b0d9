// What the stage holds at the end.
import type { Pool } from "@tidegate/postgres";
import type { RehearsalInput, RehearsalResult } from "../../../types.ts";
import { observeStage } from "../observe.ts";

export async function sumUp(pool: Pool, input: RehearsalInput): Promise<RehearsalResult> {
  const { sum } = await observeStage(pool, input);
  return { stage: input.stage, steps: input.steps, sum };
}
