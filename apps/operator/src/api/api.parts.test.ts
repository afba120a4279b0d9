// The API over the real engine on a real database: who may, what is refused and how, what is recorded.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  auditSchema,
  contractErrorSchema,
  planSchema,
  runDetailSchema,
  runPageSchema,
  storedEventsSchema,
} from "@tidegate/contract";
import { waitUntil } from "@tidegate/kernel";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTokens } from "../auth/read-tokens.ts";
import { apiRoutes } from "./serve-api.ts";
import { openApi, TOKENS, type ApiUnderTest } from "./testing/api-under-test.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await openApi();
});
afterAll(async () => api.close());

const ask: ApiUnderTest["ask"] = async (...call) => api.ask(...call);

async function finished(input: unknown, more: object = {}): Promise<string> {
  const started = await ask("POST", "/v1/operations/rehearse/runs", { body: { input, lockWaitMs: 20_000, ...more } });
  expect(started.body).toMatchObject({ isNew: true });
  const { runId } = started.body as { runId: string };
  await ask("GET", `/v1/runs/${runId}/wait`);
  return runId;
}

it("plans, applies, waits, shows and exports, in the contract's form", async () => {
  const plan = await ask("POST", "/v1/operations/rehearse/plans", { body: { input: { steps: 2, stepMs: 0 } } });
  expect(plan.status).toBe(201);
  const { id } = planSchema.parse(plan.body);
  const started = await ask("POST", `/v1/plans/${id}/runs`, { body: { key: "a-key" } });
  expect(started).toMatchObject({ status: 201, body: { isNew: true } });
  const { runId } = started.body;
  expect((await ask("GET", `/v1/runs/${runId}/wait?timeoutMs=20000`)).body).toMatchObject({
    state: "succeeded",
    result: { steps: 2, sum: "2000000000000000000000003" },
  });
  expect(await ask("POST", `/v1/plans/${id}/runs`, { body: { key: "a-key" } })).toEqual({
    status: 200,
    body: { runId, isNew: false },
  });
  expect(runDetailSchema.parse((await ask("GET", `/v1/runs/${runId}`)).body).steps.map((step) => step.state)).toEqual(
    Array(5).fill("succeeded"),
  );
  expect(
    runPageSchema.parse((await ask("GET", "/v1/runs?operation=rehearse&state=succeeded&limit=1")).body).runs,
  ).toHaveLength(1);
  const exported = await ask("GET", `/v1/runs/${runId}/export`);
  expect(exported.body).toMatchObject({ run: { id: runId } });
  expect(storedEventsSchema.parse({ events: exported.body.events }).events.at(-1)?.code).toBe("run.succeeded");
});

it("streams events to the end of a run, from where the reader was", async () => {
  const runId = await finished({ steps: 1, stepMs: 0, stage: "streamed" });
  const stream = async (headers: Record<string, string>): Promise<string> => {
    const authorization = `Bearer ${TOKENS.viewer}`;
    return (
      await api.app.request(`/v1/runs/${runId}/events`, {
        headers: { authorization, accept: "text/event-stream", ...headers },
      })
    ).text();
  };
  const all = await stream({});
  expect(all).toMatch(/^id: \d+\nevent: run\.created\ndata: \{.*\}\n\n/);
  expect(all).toMatch(/event: run\.succeeded\n.*\n\nevent: end\ndata: \{"state":"succeeded"\}\n\n$/);
  const ids = [...all.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id ?? "");
  const rest = await stream({ "last-event-id": ids.at(-2) ?? "" });
  expect([...rest.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id)).toEqual(ids.slice(-1));
});

it("shows an event within moments, and ends a stream when the operator stops", async () => {
  const { body } = await ask("POST", "/v1/operations/rehearse/runs", {
    body: { input: { steps: 1, stepMs: 0, stage: "live", approval: true } },
  });
  const response = await api.app.request(`/v1/runs/${body.runId}/events`, {
    headers: { authorization: `Bearer ${TOKENS.viewer}`, accept: "text/event-stream" },
  });
  const reader = response.body?.getReader();
  let text = "";
  await waitUntil(
    async () => {
      text += new TextDecoder().decode((await reader?.read())?.value);
      return text.includes("event: wait.started") || undefined;
    },
    { what: "The wait in the stream", limitMs: 10_000, remedy: "" },
  );
  expect(
    (await ask("POST", `/v1/runs/${body.runId}/approve`, { body: { approved: false, comment: "not today" } })).status,
  ).toBe(200);
  while (!text.includes("event: end")) text += new TextDecoder().decode((await reader?.read())?.value);
  expect(text).toContain('answered \\"sum-up-approval\\" with no: not today');
});

it.each([
  ["nobody", undefined, "GET", "/v1/runs", 401],
  ["nobody", undefined, "POST", "/v1/runs/x/cancel", 401],
  ["a stranger", "tg_of-somebody-else-entirely", "GET", "/v1/whoami", 401],
  ["the viewer", TOKENS.viewer, "GET", "/v1/runs", 200],
  ["the viewer", TOKENS.viewer, "POST", "/v1/operations/rehearse/plans", 403],
  ["the viewer", TOKENS.viewer, "GET", "/v1/audit", 403],
  ["the operator", TOKENS.operator, "PUT", "/v1/schedules/x", 403],
  ["the operator", TOKENS.operator, "POST", "/v1/runs/rebuild", 403],
  ["the admin", TOKENS.admin, "GET", "/v1/audit", 200],
])("answers %s (%s) %s %s with %i", async (_, token, method, path, status) => {
  const body = method === "PUT" ? JSON.stringify({ operation: "rehearse", cron: "0 0 1 1 *" }) : undefined;
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const response = await api.app.request(path, { method, headers, ...(body === undefined ? {} : { body }) });
  expect(response.status).toBe(status);
  if (status !== 200) contractErrorSchema.parse(((await response.json()) as { error: unknown }).error);
});

it("keeps consent by contract to admins, and asks others for the target's name", async () => {
  await finished({ steps: 1, stepMs: 0, stage: "cleared" });
  const input = { steps: 1, stepMs: 0, stage: "cleared", clear: true };
  const path = "/v1/operations/rehearse/runs";
  expect(await ask("POST", path, { body: { input } })).toMatchObject({
    status: 403,
    body: { error: { code: "engine.confirmation-missing", details: { target: "cleared" } } },
  });
  expect(await ask("POST", path, { body: { input, byContract: true } })).toMatchObject({
    status: 403,
    body: { error: { code: "operator.role-too-low" } },
  });
  expect((await ask("POST", path, { body: { input, confirm: "cleared" } })).status).toBe(201);
});

it.each([
  ["no JSON", "{", {}, 400, "operator.body-refused"],
  ["no type", '{"input":{}}', { "content-type": "text/plain" }, 415, "operator.body-refused"],
  ["an unknown field", { input: {}, kee: "x" }, {}, 400, "engine.input-invalid"],
  ["a bad input", { input: { steps: 0 } }, {}, 400, "engine.input-invalid"],
  ["too much", { input: { stage: "x".repeat(1_100_000) } }, {}, 413, "operator.body-refused"],
  ["another page's origin", { input: {} }, { origin: "https://evil.example" }, 403, "operator.foreign-origin"],
])("refuses %s", async (_, body, headers, status, code) => {
  expect(await ask("POST", "/v1/operations/rehearse/plans", { body, headers })).toMatchObject({
    status,
    body: { error: { code } },
  });
});

it("says path, value and what is allowed", async () => {
  const { body } = await ask("POST", "/v1/operations/rehearse/plans", { body: { input: { steps: 0, stge: "x" } } });
  expect(body.error.details.problems).toEqual([
    { path: "steps", value: "0", problem: "must be a whole number from 1 to 1000" },
    { path: "stge", value: '"x"', problem: "is not a known field" },
  ]);
});

it.each([
  ["GET", "/v1/runs/none", "engine.run-unknown"],
  ["POST", "/v1/runs/none/cancel", "engine.run-unknown"],
  ["POST", "/v1/operations/none/plans", "engine.operation-unknown"],
  ["GET", "/v1/operations/rehears", "engine.operation-unknown"],
  ["GET", "/v1/plans/none", "engine.plan-unknown"],
  ["POST", "/v1/schedules/none/pause", "engine.schedule-unknown"],
])("answers %s %s with 404", async (method, path, code) => {
  expect(await ask(method, path, method === "GET" ? {} : { body: {} })).toMatchObject({
    status: 404,
    body: { error: { code } },
  });
});

it("records every mutation with its outcome, and none that was not let in", async () => {
  await ask("POST", "/v1/runs/none/cancel", { body: { reason: "because" } });
  const { entries } = auditSchema.parse((await ask("GET", "/v1/audit?limit=1", { role: "admin" })).body);
  expect(entries).toMatchObject([
    {
      who: "the-operator",
      role: "operator",
      action: "POST /v1/runs/{id}/cancel",
      target: "none",
      outcome: "engine.run-unknown",
      detail: { reason: "because" },
    },
  ]);
});

it("describes exactly its routes", async () => {
  const document = (await (await api.app.request("/operator/openapi.json")).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(described.toSorted()).toEqual(apiRoutes.map((route) => `${route.method} ${route.path}`).toSorted());
});

it("sets, lists, pauses and fires a schedule", async () => {
  const schedule = {
    operation: "rehearse",
    cron: "0 0 1 1 *",
    timeZone: "Europe/Athens",
    input: { steps: 1, stepMs: 0, stage: "scheduled" },
  };
  expect((await ask("PUT", "/v1/schedules/yearly", { role: "admin", body: schedule })).status).toBe(200);
  expect((await ask("PUT", "/v1/schedules/yearly", { role: "admin", body: { ...schedule, cron: "x" } })).status).toBe(
    400,
  );
  expect((await ask("POST", "/v1/schedules/yearly/pause", { body: {} })).status).toBe(200);
  expect((await ask("GET", "/v1/schedules")).body.schedules).toMatchObject([
    { name: "yearly", isPaused: true, nextTick: null, timeZone: "Europe/Athens" },
  ]);
  const { body } = await ask("POST", "/v1/schedules/yearly/run-now", { body: {} });
  expect((await ask("GET", `/v1/runs/${body.runId}/wait`)).body).toMatchObject({ state: "succeeded" });
  expect((await ask("DELETE", "/v1/schedules/yearly", { role: "admin" })).status).toBe(200);
});

it("refuses a file of tokens that others can read", () => {
  const path = join(api.folder, "open.json");
  writeFileSync(path, '{"tokens":[]}');
  chmodSync(path, 0o644);
  expect(() => createTokens(path)).toThrow("others than its owner can read it");
});
