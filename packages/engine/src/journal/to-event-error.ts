// An error as events and the projection show it: without stack, details and secrets.
import { describeError, TidegateError, type Secret } from "@tidegate/kernel";
import type { EventError } from "../events/engine-event.ts";
import { scrub } from "./scrub.ts";

export function toEventError(error: unknown, secrets: readonly Secret[]): EventError {
  const message = scrub(describeError(error), secrets);
  if (error instanceof TidegateError) return { code: error.code, message, remedy: scrub(error.remedy, secrets) };
  return { code: "error.unforeseen", message, remedy: null };
}
