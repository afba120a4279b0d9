// Schedules, locks and the audit log.
import * as z from "zod";

export const scheduleRequestSchema = z.strictObject({
  operation: z.string().min(1).max(60),
  input: z.unknown().default({}),
  cron: z.string().min(1).max(120).describe("Five fields, or six with seconds first."),
  timeZone: z.string().min(1).max(60).default("UTC").describe("IANA name."),
  missed: z
    .enum(["skip", "latest", "all"], { error: "must be skip, latest or all" })
    .default("skip")
    .describe("What becomes of ticks that passed while no executor was there."),
  lockWaitMs: z.int().min(0).max(86_400_000).default(0),
});
export type ScheduleRequest = z.input<typeof scheduleRequestSchema>;

const scheduleSchema = z.strictObject({
  name: z.string(),
  operation: z.string(),
  input: z.unknown(),
  cron: z.string(),
  timeZone: z.string(),
  missed: z.enum(["skip", "latest", "all"]),
  lockWaitMs: z.int(),
  isPaused: z.boolean(),
  lastTick: z.iso.datetime().nullable(),
  lastRunId: z.string().nullable(),
  nextTick: z.iso.datetime().nullable(),
  lastError: z.string().nullable(),
});
export type ScheduleJson = z.infer<typeof scheduleSchema>;
export const schedulesSchema = z.strictObject({ schedules: z.array(scheduleSchema) });

const lockSchema = z.strictObject({
  name: z.string(),
  runId: z.string(),
  operation: z.string(),
  holder: z.string().describe("Who started the run."),
  reason: z.string().nullable(),
  acquiredAt: z.iso.datetime(),
});
export const locksSchema = z.strictObject({ locks: z.array(lockSchema) });

const auditEntrySchema = z.strictObject({
  seq: z.string(),
  at: z.iso.datetime(),
  who: z.string(),
  role: z.string(),
  action: z.string().describe("Method and path of the endpoint."),
  target: z.string().nullable(),
  outcome: z
    .string()
    .describe("`ok`, the code of the refusal, or `tried` when the operator ended before it was known."),
  detail: z.record(z.string(), z.unknown()),
});
export const auditSchema = z.strictObject({ entries: z.array(auditEntrySchema) });

/** The answer of what only does something. */
export const doneSchema = z.strictObject({ done: z.literal(true) });
