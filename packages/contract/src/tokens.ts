// Who may do what: tokens with a name and a role, in a file that only its owner can read.
import * as z from "zod";

/** viewer reads; operator starts and steers runs; admin also sets schedules, rebuilds, and reads the audit log. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

export const tokenNameSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,39}$/, {
  error: "must be 1 to 40 of a-z, 0-9, dot, underscore and dash, beginning with a letter or digit",
});

export const tokenSchema = z.strictObject({
  name: tokenNameSchema.describe("Stands in the record of everything done with it."),
  role: roleSchema,
  token: z.string().min(20).max(200).describe("`tg_` and 32 random bytes in base64url."),
});

/** `tokens.json` in the home of an installation, mode 0600. */
export const tokensFileSchema = z.strictObject({ tokens: z.array(tokenSchema) });
export type TokensFile = z.infer<typeof tokensFileSchema>;

export const whoamiSchema = z.strictObject({ name: z.string(), role: roleSchema });
export type Whoami = z.infer<typeof whoamiSchema>;
