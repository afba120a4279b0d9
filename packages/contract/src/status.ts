// GET /status: the whole installation at a glance.
import * as z from "zod";
import { componentSchema } from "./component.ts";
import { contractErrorSchema } from "./error.ts";
import { marketProgressSchema } from "./market-progress.ts";

export const statusSchema = z.strictObject({
  at: z.iso.datetime(),
  operator: z.strictObject({
    version: z.string(),
    pid: z.int().positive(),
    startedAt: z.iso.datetime(),
  }),
  parts: z.array(componentSchema),
  services: z.array(componentSchema),
  market: marketProgressSchema,
  problems: z
    .array(contractErrorSchema)
    .describe("What could not be read just now; the fields that depend on it are empty or null."),
});
export type Status = z.infer<typeof statusSchema>;
