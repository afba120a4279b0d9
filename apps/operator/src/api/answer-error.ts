// Which HTTP status an error is.
import { EXIT, TidegateError } from "@tidegate/kernel";
import { BodyRefused, NotAuthenticated } from "./errors.ts";

const NOT_FOUND = new Set([
  "engine.operation-unknown",
  "engine.plan-unknown",
  "engine.run-unknown",
  "engine.schedule-unknown",
]);
const CONFLICT = new Set([
  "engine.lock-held",
  "engine.plan-stale",
  "engine.start-key-reused",
  "engine.run-ended",
  "engine.run-not-retryable",
  "engine.nothing-to-approve",
]);

export type ErrorStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 500 | 503;

export function statusOf(error: unknown): ErrorStatus {
  if (!(error instanceof TidegateError)) return 500;
  if (error instanceof BodyRefused) return error.status;
  if (error instanceof NotAuthenticated) return 401;
  if (NOT_FOUND.has(error.code)) return 404;
  if (CONFLICT.has(error.code)) return 409;
  if (error.exit === EXIT.notAllowed) return 403;
  if (error.exit === EXIT.usage) return 400;
  if (error.exit === EXIT.partDown || error.exit === EXIT.tryAgain || error.retry !== "never") return 503;
  // What a person can mend: an operation that found its preconditions missing.
  if (error.blame === "user") return 409;
  return 500;
}
