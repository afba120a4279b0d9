// What a child is started with: its parent's names and wait, its own lock.
import type { AnyOperation } from "../operation/operation.ts";
import { validateInput } from "../operation/validate-input.ts";
import type { RunRequest } from "./run-request.ts";

export function childRequest(
  parent: RunRequest,
  { operation, input, key }: { readonly operation: AnyOperation; readonly input: unknown; readonly key: string },
  createdAt: Date,
): RunRequest {
  const lock = operation.lock(validateInput(operation, input)) ?? null;
  return {
    runId: `${parent.runId}.${key}`,
    operation: operation.name,
    version: operation.version,
    title: operation.title,
    input,
    by: parent.by,
    reason: parent.reason,
    key: null,
    lock,
    lockWaitMs: parent.lockWaitMs,
    planId: null,
    // To its parent's: the parent's plan says what its children do.
    consent: { to: "contract" },
    parentId: parent.runId,
    ancestors: [...parent.ancestors, parent.runId],
    createdAt,
  };
}
