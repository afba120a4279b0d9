// A stored plan: what a run would do.
import * as z from "zod";

const planStepSchema = z.strictObject({
  name: z.string(),
  change: z.string().describe("What it changes."),
  destroys: z.boolean().describe("Data is gone afterwards."),
  undo: z.string().nullable().describe("How it is undone; null when it cannot be."),
});

export const planDraftSchema = z.strictObject({
  target: z.string().describe("What is worked on; the name to confirm with before anything is destroyed."),
  summary: z.string(),
  steps: z.array(planStepSchema),
  notes: z.array(z.string()).optional(),
});
export type PlanDraftView = z.infer<typeof planDraftSchema>;

export const planSchema = z.strictObject({
  id: z.string(),
  operation: z.string(),
  version: z.int(),
  digest: z.string().describe("sha-256 of all that must still be so when the plan is applied."),
  hasChanges: z.boolean(),
  destroys: z.boolean(),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  input: z.unknown(),
  observation: z.unknown().describe("Bigints as decimal strings."),
  draft: planDraftSchema,
});
export type PlanView = z.infer<typeof planSchema>;
