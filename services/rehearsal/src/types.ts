// What a rehearsal is told, sees and gives.
import * as z from "zod";

const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

export const rehearsalInput = z.strictObject({
  stage: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, { error: "must be kebab-case" })
    .max(40)
    .default("main")
    .describe("What is rehearsed on: rows of one stage belong together, and one run at a time works on it"),
  steps: whole(1, 1_000).default(5).describe("How many rows are written, one step each"),
  stepMs: whole(0, 600_000).default(500).describe("How long each step takes"),
  approval: z.boolean().default(false).describe("Wait for an approval before the last step"),
  approvalTimeoutMs: whole(1_000, 86_400_000).default(3_600_000).describe("How long the approval is waited for"),
  failAt: whole(1, 1_000).optional().describe("This step fails the first time a run comes to it; a retry gets over it"),
  leakAt: whole(1, 1_000)
    .optional()
    .describe(
      "This step is careless with one of the installation's secrets; it must be seen nowhere, and the run fails",
    ),
  flakyTries: whole(0, 5).default(0).describe("How often each step fails before it succeeds by itself"),
  parallel: whole(0, 20).default(0).describe("Rows written side by side after the others"),
  childSteps: whole(0, 20).default(0).describe("Steps of a rehearsal inside this one, on stage STAGE-child"),
  blobBytes: whole(0, 100_000).default(0).describe("Size of each step's recorded result"),
  clear: z.boolean().default(false).describe("Delete the stage's earlier rows first; this destroys them"),
});

export type RehearsalInput = z.infer<typeof rehearsalInput>;

/** What the stage held when it was looked at. */
export interface StageObservation {
  readonly isPrepared: boolean;
  readonly rows: bigint;
  /** Sum of all amounts. */
  readonly sum: bigint;
}

export interface RehearsalResult {
  readonly stage: string;
  readonly steps: number;
  readonly sum: bigint;
}
