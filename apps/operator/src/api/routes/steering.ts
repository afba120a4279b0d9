// Runs: steering them.
import {
  approveRequestSchema,
  cancelRequestSchema,
  doneSchema,
  rebuiltSchema,
  retryRequestSchema,
  signalRequestSchema,
} from "@tidegate/contract";
import { route, type AnyRoute } from "../route.ts";
import { given } from "./operations.ts";

const DONE = { body: { done: true } };

export const steeringRoutes: readonly AnyRoute[] = [
  route({
    method: "post",
    path: "/v1/runs/{id}/cancel",
    summary: "Ask a run to end: the step in flight is aborted, finished steps are undone where they know how",
    role: "operator",
    body: cancelRequestSchema,
    answer: doneSchema,
    handle: async ({ deps, params, body, who }) => {
      await deps.engine.cancel(params["id"] ?? "", { by: who.name, ...given(body) });
      return DONE;
    },
  }),
  route({
    method: "post",
    path: "/v1/runs/{id}/approve",
    summary: "Answer the approval that a run waits for",
    role: "operator",
    body: approveRequestSchema,
    answer: doneSchema,
    handle: async ({ deps, params, body, who }) => {
      const { approved, ...rest } = body;
      await deps.engine.approve(params["id"] ?? "", { approved, ...given(rest) }, { by: who.name });
      return DONE;
    },
  }),
  route({
    method: "post",
    path: "/v1/runs/{id}/signals/{name}",
    summary: "Send a signal; it is kept until the run waits for it",
    role: "operator",
    body: signalRequestSchema,
    answer: doneSchema,
    handle: async ({ deps, params, body, who }) => {
      await deps.engine.signal(params["id"] ?? "", params["name"] ?? "", body.value, { by: who.name });
      return DONE;
    },
  }),
  route({
    method: "post",
    path: "/v1/runs/{id}/retry",
    summary: "Run it again from a step; what came before keeps its results",
    role: "operator",
    body: retryRequestSchema,
    answer: doneSchema,
    handle: async ({ deps, params, body, who }) => {
      const lockWait = body.lockWaitMs === undefined ? {} : { lockWaitMs: body.lockWaitMs };
      await deps.engine.retryFrom(params["id"] ?? "", body.from, { by: who.name, ...lockWait });
      return DONE;
    },
  }),
  route({
    method: "post",
    path: "/v1/runs/rebuild",
    summary: "Make the projection (runs, steps, events) anew from the engine's history",
    role: "admin",
    answer: rebuiltSchema,
    handle: async ({ deps }) => ({ body: { runs: await deps.engine.rebuild() } }),
  }),
];
