// The error answers that routes declare in the OpenAPI document.
import { errorSchema } from "../schemas.ts";

const error = (description: string) => ({ description, content: { "application/json": { schema: errorSchema } } });

export const badRequest = {
  400: error("A parameter is not usable; the message names it, its value and what is allowed."),
};
export const notFound = (description: string) => ({ 404: error(description) });
export const failures = {
  500: error("A mistake of ours; logged."),
  503: error("The database is away or has no market tables yet; try again after Retry-After seconds."),
};
