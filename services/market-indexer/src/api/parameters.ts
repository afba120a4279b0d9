// Path and query parameters: what is allowed, said once, for the validator, the error and the OpenAPI document alike.
import { z } from "@hono/zod-openapi";
import type { Hook } from "@hono/zod-openapi";
import type { Env } from "hono";
import { BadParameter, type ParameterProblem } from "./errors.ts";
import { REQUEST_ID_FORM, requestIdFromHex } from "./format/hex.ts";
import { SORT_FIELDS } from "./queries/list-requests.ts";
import { decodeCursor } from "./request-cursor.ts";

const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 50;

const limitForm = `must be a whole number from 1 to ${MAX_LIMIT}, given once`;
const cursorForm = "must be a next_cursor of an earlier page, given once";
const sortForm = `must be ${SORT_FIELDS.join(" or ")}, given once`;
const requestIdForm = "must be a request id: up to 64 hexadecimal digits, with or without 0x";

export const listParameters = z.strictObject({
  cursor: z
    .string({ error: cursorForm })
    .transform((text, context) => {
      const position = decodeCursor(text);
      if (position !== undefined) return position;
      context.addIssue({ code: "custom", message: cursorForm });
      return z.NEVER;
    })
    .optional()
    .openapi({ type: "string", description: "Where to go on: the next_cursor of the page before." }),
  limit: z
    .string({ error: limitForm })
    .regex(/^\d{1,3}$/, { error: limitForm })
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= MAX_LIMIT, { error: limitForm })
    .default(DEFAULT_LIMIT)
    .openapi({
      type: "integer",
      minimum: 1,
      maximum: MAX_LIMIT,
      default: DEFAULT_LIMIT,
      description: "Length of the page.",
    }),
  sort_by: z
    .enum(SORT_FIELDS, { error: sortForm })
    .default("created_at")
    .openapi({ description: "Time to sort by, latest first. Keep it the same for all pages of a walk." }),
});

export const requestIdParameter = z.object({
  id: z
    .string({ error: requestIdForm })
    .regex(REQUEST_ID_FORM, { error: requestIdForm })
    .transform(requestIdFromHex)
    .openapi({
      type: "string",
      description: "Request id in hexadecimal, any case, zeros in front optional.",
      example: "0x1a2b",
    }),
});

export const noParameters = z.strictObject({});

/** Turns what a schema refused into BadParameter: each problem with the parameter's name, its value and what is allowed. */
export const refuseBadParameters: Hook<unknown, Env, string, void> = (result) => {
  if (result.success) return;
  const given = (result as unknown as { readonly data: Readonly<Record<string, unknown>> }).data;
  throw new BadParameter(result.error.issues.flatMap((issue) => problemsOf(issue, given, result.target)));
};

function problemsOf(
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, unknown>>,
  target: string,
): readonly ParameterProblem[] {
  if (issue.code === "unrecognized_keys") {
    const allowed = target === "query" ? "is not a parameter of this endpoint" : "is not known";
    return issue.keys.map((name) => ({ name, value: given[name], allowed }));
  }
  const name = String(issue.path[0]);
  return [{ name, value: given[name], allowed: issue.message }];
}
