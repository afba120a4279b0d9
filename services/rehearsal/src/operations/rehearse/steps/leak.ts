// A step that is careless with a secret: says it as it goes, fails with it once, and then wants it recorded.
import type { StepContext } from "@tidegate/engine";
import type { RehearsalDeps } from "../operation.ts";

/** Gives what is to be recorded, which the engine must refuse. */
export function leak({ planted }: RehearsalDeps, step: StepContext): string {
  const secret = planted?.reveal() ?? "";
  step.progress({ done: step.attempt, message: `connecting to ${secret}` });
  if (step.attempt === 1) throw new Error(`could not connect to ${secret}`, { cause: new Error(secret) });
  return secret;
}
