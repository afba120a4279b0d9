// What is sent to the operator. Strict: an unknown field is a mistake, and is said to be one.
import * as z from "zod";
import { runStateSchema } from "./run.ts";

const DAY_MS = 86_400_000;
const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};
/** What PostgreSQL can keep: no NUL, no half of a surrogate pair. */
const isKept = (text: string): boolean => text.isWellFormed() && !text.includes("\0");
const line = (max: number) =>
  z.string().min(1).max(max).refine(isKept, { error: "must be text without NUL and lone surrogates" });

const startFields = {
  key: line(200).optional().describe("The same key starts nothing twice."),
  reason: line(500).optional(),
  lockWaitMs: whole(0, DAY_MS)
    .optional()
    .describe("How long the run may wait for its lock; default 0: refuse at once."),
  confirm: line(200).optional().describe("The plan's target, typed; needed when the plan destroys."),
};

export const planRequestSchema = z.strictObject({ input: z.unknown().default({}) });
export const applyRequestSchema = z.strictObject(startFields);
export const startRequestSchema = z.strictObject({
  input: z.unknown().default({}),
  keyScope: z.enum(["forever", "unfinished"]).optional(),
  requestId: line(200).optional().describe("What was started for this request is attached to for ever."),
  // How handlers consent for the contract that their event is; see the engine's BY_CONTRACT.
  byContract: z.boolean().optional().describe("The caller's own contract says what is destroyed. Needs role admin."),
  ...startFields,
});
export type StartRequest = z.input<typeof startRequestSchema>;

export const cancelRequestSchema = z.strictObject({ reason: line(500).optional() });
export const approveRequestSchema = z.strictObject({
  approved: z.boolean(),
  name: line(120).optional().describe("Which approval, where the run waits for several."),
  comment: line(500).optional(),
});
export const signalRequestSchema = z.strictObject({ value: z.unknown().optional() });
export const retryRequestSchema = z.strictObject({
  from: line(200).optional().describe("Name of a recorded step; default: where it failed or was cancelled."),
  lockWaitMs: startFields.lockWaitMs,
});

const digits = (max: number) => z.string().regex(/^\d{1,18}$/, { error: `must be a whole number up to ${max}` });

export const runsQuerySchema = z.strictObject({
  operation: line(60).optional(),
  state: runStateSchema.optional(),
  limit: digits(500).optional(),
  cursor: line(200).optional(),
});
export const waitQuerySchema = z.strictObject({ timeoutMs: digits(25_000).optional() });
export const eventsQuerySchema = z.strictObject({ after: digits(Number.MAX_SAFE_INTEGER).optional() });
export const auditQuerySchema = z.strictObject({
  limit: digits(500).optional(),
  before: digits(Number.MAX_SAFE_INTEGER).optional(),
});
