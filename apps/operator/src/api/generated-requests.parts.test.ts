// Ten thousand generated requests: whatever is sent, the answer is one of the contract's, and never a fault of ours.
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { apiRoutes } from "./serve-api.ts";
import { openApi, type ApiUnderTest } from "./testing/api-under-test.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

let api: ApiUnderTest;
beforeAll(async () => {
  api = await openApi();
});
afterAll(async () => api.close());

it(`answers 10,000 generated requests without a fault (SEED=${SEED})`, { timeout: 120_000 }, async () => {
  const seen = new Map<number, number>();
  const text = fc.oneof(fc.string({ maxLength: 10 }), fc.constantFrom("rehearse", "none", "..", "%00", "yearly", "💥"));
  const posts = apiRoutes.filter((route) => route.path !== "/v1/runs/rebuild");
  const request = fc.record({
    route: fc.constantFrom(...posts),
    param: text,
    query: fc.dictionary(
      fc.constantFrom("limit", "cursor", "state", "after", "before", "x", "timeoutMs"),
      fc.constantFrom("1", "0", "-1", "x", "9".repeat(18), "1_a", "queued"),
      { maxKeys: 2 },
    ),
    body: fc.oneof(
      fc.jsonValue({ maxDepth: 4 }),
      fc.record(
        {
          input: fc.oneof(
            fc.jsonValue(),
            fc.record({ steps: fc.oneof(fc.integer(), fc.string()), failAt: fc.jsonValue() }, { requiredKeys: [] }),
          ),
          key: fc.jsonValue(),
          reason: fc.string(),
          approved: fc.boolean(),
          value: fc.jsonValue(),
          cron: fc.string(),
          operation: fc.constantFrom("rehearse", "x"),
        },
        { requiredKeys: [] },
      ),
      fc.string(),
    ),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ route, param, query, body }) => {
      const path = route.path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(param) || "x");
      // Nothing is to be started ten thousand times: what would be accepted asks for a plan that nobody has.
      const isStart = route.path === "/v1/operations/{name}/runs";
      const url = `${isStart ? path.replace("/rehearse/", "/rehears/") : path}?${new URLSearchParams(route.method === "get" ? query : {}).toString()}`;
      const role = "admin";
      const { status } = await api.ask(
        route.method.toUpperCase(),
        url,
        route.method === "get" ? { role } : { role, body: typeof body === "string" ? body : JSON.stringify(body) },
      );
      seen.set(status, (seen.get(status) ?? 0) + 1);
      expect(status, `${route.method} ${url} ${JSON.stringify(body)} ${String(api.unforeseen.at(-1))}`).toBeLessThan(
        500,
      );
    }),
    { seed: SEED, numRuns: 10_000 },
  );
  expect(api.unforeseen).toEqual([]);
  for (const status of [200, 400, 404]) expect(seen.get(status) ?? 0).toBeGreaterThan(50);
});
