// How the operator says that something failed: what a TidegateError says, without its causes.
import { z } from "zod";

export const contractErrorSchema = z.strictObject({
  code: z.string().min(1).describe("Stable and dotted, `workloads.unknown-service`; scripts may depend on it."),
  message: z.string().min(1).describe("What happened, and what was or was not changed."),
  remedy: z.string().min(1).describe("What the reader can do now."),
});
export type ContractError = z.infer<typeof contractErrorSchema>;

/** The body of every answer of the operator's own with a status of 400 or more. */
export const errorBodySchema = z.strictObject({ error: contractErrorSchema });
export type ErrorBody = z.infer<typeof errorBodySchema>;
