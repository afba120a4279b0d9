// The API's description, made from the routes themselves.
import { errorBodySchema } from "@tidegate/contract";
import * as z from "zod";
import type { AnyRoute } from "./route.ts";

/** OpenAPI 3.1. */
export function openApiOf(routes: readonly AnyRoute[], version: string): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: describeRoute(route) };
  return {
    openapi: "3.1.0",
    info: {
      title: "Tidegate operator",
      version,
      description: "Plans, runs, schedules and records of an installation.",
    },
    security: [{ token: [] }],
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Error: schemaOf(errorBodySchema) },
    },
    paths,
  };
}

function describeRoute(route: AnyRoute): Readonly<Record<string, unknown>> {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const content = { "application/json": { schema: schemaOf(route.answer) } };
  return {
    summary: route.summary,
    description: `Needs role ${route.role}.`,
    parameters: [...inPath, ...queryParameters(route)],
    ...(route.body === undefined
      ? {}
      : { requestBody: { content: { "application/json": { schema: schemaOf(route.body as z.ZodType, "input") } } } }),
    responses: {
      [route.status ?? 200]: { description: "Done", content },
      default: {
        description: "Refused or failed",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

function queryParameters(route: AnyRoute): readonly unknown[] {
  if (route.query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(route.query as z.ZodType, "input") as {
    readonly properties?: Readonly<Record<string, unknown>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function schemaOf(schema: z.ZodType, io: "input" | "output" = "output"): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
