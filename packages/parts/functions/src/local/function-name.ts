// Names of functions become folder names, so they are kept plain.
import * as z from "zod";

export const functionName = z
  .string()
  .regex(/^[A-Za-z0-9][\w-]{0,63}$/, "letters, digits, dashes and underscores, at most 64");
