// An operation, as one who wants to run it needs to know it.
import * as z from "zod";

const dangerSchema = z.enum(["none", "changes", "destroys"]);

export const operationSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  danger: dangerSchema.describe("The worst it may do."),
  versions: z.array(z.int()).describe("Those that this installation can finish; new runs take the newest."),
  inputSchema: z.record(z.string(), z.unknown()).describe("JSON Schema of the input."),
});
export type OperationView = z.infer<typeof operationSchema>;

export const operationsSchema = z.strictObject({ operations: z.array(operationSchema) });
