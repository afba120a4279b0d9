// GET /health: the process answers; nothing outside of it is asked.
import * as z from "zod";

export const healthSchema = z.strictObject({ status: z.literal("healthy"), service: z.literal("operator") });
export type Health = z.infer<typeof healthSchema>;
