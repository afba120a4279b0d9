// Runs, their steps and events, as JSON.
import * as z from "zod";
import { planDraftSchema } from "./plan.ts";

export const RUN_STATES = [
  "queued",
  "waiting-for-lock",
  "running",
  "waiting",
  "cancelling",
  "succeeded",
  "failed",
  "cancelled",
] as const;
export const runStateSchema = z.enum(RUN_STATES);
export type RunStateName = z.infer<typeof runStateSchema>;

const eventErrorSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  remedy: z.string().nullable(),
});

export const progressSchema = z.strictObject({
  done: z.number(),
  total: z.number().optional(),
  unit: z.string().optional(),
  message: z.string().optional(),
});
export type ProgressView = z.infer<typeof progressSchema>;

const waitingSchema = z.strictObject({
  kind: z.enum(["sleep", "signal", "approval", "lock"]),
  name: z.string(),
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  question: z.string().nullable().describe("What a person is asked; for a lock, who holds it."),
});

export const runSummarySchema = z.strictObject({
  id: z.string(),
  operation: z.string(),
  version: z.int(),
  title: z.string(),
  state: runStateSchema,
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  executor: z.string().nullable(),
  fence: z.int().describe("Grows with each takeover."),
  currentStep: z.string().nullable(),
  waiting: waitingSchema.nullable(),
  progress: progressSchema.nullable(),
  error: eventErrorSchema.nullable(),
  parentId: z.string().nullable(),
  lock: z.string().nullable(),
  stuck: z.string().nullable().describe("Why it cannot move, with the remedy; null when all is well."),
});
export type RunSummaryView = z.infer<typeof runSummarySchema>;

const stepSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(["step", "sleep", "signal", "approval", "child", "undo"]),
  state: z.enum(["running", "waiting", "succeeded", "failed", "interrupted"]),
  attempts: z.int(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  result: z.unknown().optional().describe("Bigints as decimal strings."),
  error: eventErrorSchema.nullable(),
  progress: progressSchema.nullable(),
});
export type StepJson = z.infer<typeof stepSchema>;

export const runDetailSchema = z.strictObject({
  ...runSummarySchema.shape,
  key: z.string().nullable(),
  reason: z.string().nullable(),
  planId: z.string().nullable(),
  input: z.unknown(),
  plan: planDraftSchema.nullable(),
  result: z.unknown().optional(),
  steps: z.array(stepSchema),
});
export type RunDetailView = z.infer<typeof runDetailSchema>;

export const runPageSchema = z.strictObject({ runs: z.array(runSummarySchema), next: z.string().nullable() });

export const storedEventSchema = z.strictObject({
  seq: z.string().regex(/^\d+$/).describe("Where a reader goes on: `after` or Last-Event-ID."),
  runId: z.string(),
  at: z.iso.datetime(),
  code: z.string(),
  step: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type StoredEventView = z.infer<typeof storedEventSchema>;

export const storedEventsSchema = z.strictObject({ events: z.array(storedEventSchema) });

export const startedSchema = z.strictObject({
  runId: z.string(),
  isNew: z.boolean().describe("False when the key led to a run that was there already."),
});
export type StartedView = z.infer<typeof startedSchema>;

export const outcomeSchema = z.strictObject({
  state: z.enum(["succeeded", "failed", "cancelled", "unfinished"]),
  result: z.unknown().optional(),
  error: eventErrorSchema.optional(),
});
export type OutcomeView = z.infer<typeof outcomeSchema>;

export const runExportSchema = z.strictObject({
  exportedAt: z.iso.datetime(),
  run: runDetailSchema,
  events: z.array(storedEventSchema),
});

export const rebuiltSchema = z.strictObject({ runs: z.int() });
