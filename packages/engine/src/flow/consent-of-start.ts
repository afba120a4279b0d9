// What who starts a run without an approved plan agrees to.
import { BY_CONTRACT, type StartOptions } from "../control/engine.ts";
import type { Consent } from "./run-request.ts";

export function consentOfStart({ confirm }: Pick<StartOptions, "confirm">): Consent {
  return confirm === BY_CONTRACT ? { to: "contract" } : { to: "target", target: confirm ?? null };
}
