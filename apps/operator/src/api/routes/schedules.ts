// Schedules.
import { doneSchema, scheduleRequestSchema, schedulesSchema, startedSchema } from "@tidegate/contract";
import { plainJson } from "../plain-json.ts";
import { route, type AnyRoute } from "../route.ts";

const DONE = { body: { done: true } };

const steer = (verb: "pause" | "resume", summary: string): AnyRoute =>
  route({
    method: "post",
    path: `/v1/schedules/{name}/${verb}`,
    summary,
    role: "operator",
    answer: doneSchema,
    handle: async ({ deps, params, who }) => {
      await deps.engine.schedules[verb](params["name"] ?? "", { by: who.name });
      return DONE;
    },
  });

export const scheduleRoutes: readonly AnyRoute[] = [
  route({
    method: "get",
    path: "/v1/schedules",
    summary: "All schedules with their last and next ticks",
    role: "viewer",
    answer: schedulesSchema,
    handle: async ({ deps }) => ({ body: plainJson({ schedules: await deps.engine.schedules.list() }) }),
  }),
  route({
    method: "put",
    path: "/v1/schedules/{name}",
    summary: "Create or replace a schedule. It consents to what its operation destroys",
    role: "admin",
    body: scheduleRequestSchema,
    answer: doneSchema,
    handle: async ({ deps, params, body, who }) => {
      await deps.engine.schedules.set({ name: params["name"] ?? "", ...body }, { by: who.name });
      return DONE;
    },
  }),
  route({
    method: "delete",
    path: "/v1/schedules/{name}",
    summary: "Remove a schedule; its runs stay",
    role: "admin",
    answer: doneSchema,
    handle: async ({ deps, params, who }) => {
      await deps.engine.schedules.remove(params["name"] ?? "", { by: who.name });
      return DONE;
    },
  }),
  steer("pause", "Fire no more until it is resumed"),
  steer("resume", "Go on with the next tick from now"),
  route({
    method: "post",
    path: "/v1/schedules/{name}/run-now",
    summary: "Start its run now, outside the ticks",
    role: "operator",
    answer: startedSchema,
    handle: async ({ deps, params, who }) => {
      const { runId } = await deps.engine.schedules.runNow(params["name"] ?? "", { by: who.name });
      return { body: { runId, isNew: true } };
    },
  }),
];
