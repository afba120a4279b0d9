// How the operator says that something failed: what a TidegateError says, without its causes.
import * as z from "zod";

export const contractErrorSchema = z.strictObject({
  code: z.string().min(1).describe("Stable and dotted, `workloads.unknown-service`; scripts may depend on it."),
  message: z.string().min(1).describe("What happened, and what was or was not changed."),
  remedy: z.string().min(1).describe("What the reader can do now."),
  exit: z.int().optional().describe("The exit code with which `tidegate` ends on it."),
  details: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("Facts for programs: `problems` with path, value and what is allowed; `changes` of a stale plan."),
});
export type ContractError = z.infer<typeof contractErrorSchema>;

/** The body of every answer of the operator's own with a status of 400 or more. */
export const errorBodySchema = z.strictObject({ error: contractErrorSchema });
export type ErrorBody = z.infer<typeof errorBodySchema>;
