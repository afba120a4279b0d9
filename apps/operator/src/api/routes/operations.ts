// Operations and their plans.
import {
  applyRequestSchema,
  operationSchema,
  operationsSchema,
  planRequestSchema,
  planSchema,
  startedSchema,
  startRequestSchema,
} from "@tidegate/contract";
import {
  BY_CONTRACT,
  destroys,
  hasChanges,
  OperationUnknown,
  type AnyOperation,
  type Engine,
  type Plan,
} from "@tidegate/engine";
import { closestName } from "@tidegate/kernel";
import * as z from "zod";
import { authorise } from "../../auth/authenticate.ts";
import { plainJson } from "../plain-json.ts";
import { route, type AnyRoute } from "../route.ts";

export const operationRoutes: readonly AnyRoute[] = [
  route({
    method: "get",
    path: "/v1/operations",
    summary: "The operations of this installation",
    role: "viewer",
    answer: operationsSchema,
    handle: async ({ deps }) => ({
      body: { operations: names(deps.engine).map((name) => operationView(deps.engine, name)) },
    }),
  }),
  route({
    method: "get",
    path: "/v1/operations/{name}",
    summary: "One operation, with the JSON Schema of its input",
    role: "viewer",
    answer: operationSchema,
    handle: async ({ deps, params }) => ({ body: operationView(deps.engine, params["name"] ?? "") }),
  }),
  route({
    method: "post",
    path: "/v1/operations/{name}/plans",
    summary: "Observe and plan; changes nothing but stores the plan",
    role: "operator",
    body: planRequestSchema,
    status: 201,
    answer: planSchema,
    handle: async ({ deps, params, body, who, signal }) => ({
      body: planView(await deps.engine.plan(params["name"] ?? "", body.input, { by: who.name, signal })),
    }),
  }),
  route({
    method: "get",
    path: "/v1/plans/{id}",
    summary: "A stored plan",
    role: "viewer",
    answer: planSchema,
    handle: async ({ deps, params }) => ({ body: planView(await deps.engine.getPlan(params["id"] ?? "")) }),
  }),
  route({
    method: "post",
    path: "/v1/plans/{id}/runs",
    summary: "Apply a plan: observes again, and refuses when it no longer holds",
    role: "operator",
    body: applyRequestSchema,
    status: 201,
    answer: startedSchema,
    handle: async ({ deps, params, body, who, signal }) => {
      const started = await deps.engine.apply(params["id"] ?? "", { by: who.name, signal, ...given(body) });
      return { body: started, status: started.isNew ? 201 : 200 };
    },
  }),
  route({
    method: "post",
    path: "/v1/operations/{name}/runs",
    summary: "Plan and apply in one",
    role: "operator",
    body: startRequestSchema,
    status: 201,
    answer: startedSchema,
    handle: async ({ deps, params, body, who, signal }) => {
      const { input, byContract, confirm, ...options } = body;
      if (byContract === true) authorise(who, "admin", "consenting by contract");
      const consent = byContract === true ? BY_CONTRACT : confirm;
      const started = await deps.engine.start(params["name"] ?? "", input, {
        by: who.name,
        signal,
        ...given(options),
        ...(consent === undefined ? {} : { confirm: consent }),
      });
      return { body: started, status: started.isNew ? 201 : 200 };
    },
  }),
];

/** Fields that were given: the engine knows absent ones, not undefined ones. */
export function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}

function names(engine: Engine): readonly string[] {
  return [...new Set(engine.operations.map((one) => one.name))].toSorted();
}

function operationView(engine: Engine, name: string): unknown {
  const versions = engine.operations.filter((one) => one.name === name).toSorted((a, b) => b.version - a.version);
  const [latest] = versions;
  if (latest === undefined)
    throw new OperationUnknown({ operation: name, known: names(engine), closest: closestName(name, names(engine)) });
  return {
    name,
    title: latest.title,
    danger: latest.danger,
    versions: versions.map((one) => one.version),
    inputSchema: inputSchema(latest),
  };
}

function inputSchema(operation: AnyOperation): unknown {
  return z.toJSONSchema(operation.input, { io: "input", unrepresentable: "any" });
}

function planView(plan: Plan): unknown {
  return plainJson({ ...plan, hasChanges: hasChanges(plan.draft), destroys: destroys(plan.draft) });
}
