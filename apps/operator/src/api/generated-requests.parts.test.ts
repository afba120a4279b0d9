// Ten thousand generated requests: whatever is sent, by whomever, the answer is one of the contract's, and never a fault of ours.
import { waitUntil } from "@tidegate/kernel";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { apiRoutes } from "./serve-api.ts";
import { openApi, TOKENS, type ApiUnderTest } from "./testing/api-under-test.ts";
import { wide } from "./testing/wide-operation.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const REBUILD = "/v1/runs/rebuild";
const START = "/v1/operations/{name}/runs";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await openApi([wide]);
});
afterAll(async () => api.close());

/** Also what PostgreSQL's text cannot hold. */
const anyText = fc.oneof(
  { weight: 4, arbitrary: fc.string() },
  fc.string({ unit: "binary" }),
  fc.constantFrom("\0", "a\0b", "\ud800", "x\udc00y"),
);

const text = fc.oneof(
  { weight: 1, arbitrary: fc.string({ maxLength: 10 }) },
  { weight: 1, arbitrary: fc.constantFrom("none", "..", "%00", "a\0b", "yearly", "💥") },
  { weight: 3, arbitrary: fc.constant("wide") },
);

/** Of the wide operation: mostly valid, sometimes not, sometimes of another shape. */
const input = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        anything: fc.jsonValue({ maxDepth: 3 }),
        text: anyText,
        count: fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fraction: fc.double({ noNaN: true, noDefaultInfinity: true }),
        flag: fc.boolean(),
        kind: fc.constantFrom("one", "two"),
        many: fc.dictionary(anyText, fc.oneof(anyText, fc.integer(), fc.constant(null))),
        list: fc.array(fc.tuple(fc.string(), fc.boolean()), { maxLength: 4 }),
        date: fc.constant("2026-11-25"),
      },
      { requiredKeys: [] },
    ),
  },
  fc.record(
    {
      anything: fc.jsonValue({ maxDepth: 3 }),
      text: fc.string({ maxLength: 220 }),
      count: fc.oneof(fc.integer(), fc.integer({ min: -1_000, max: 1_000 }), fc.double()),
      fraction: fc.double(),
      flag: fc.boolean(),
      kind: fc.constantFrom("one", "two", "three", "four"),
      many: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.double(), fc.constant(null))),
      list: fc.array(fc.tuple(fc.string(), fc.boolean()), { maxLength: 4 }),
      date: fc.constantFrom("2026-11-25", "2026-02-30", "yesterday"),
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
);

const body = fc.oneof(
  { weight: 8, arbitrary: fc.record({ input }) },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        input,
        key: fc.oneof(fc.constantFrom("a", "b", "c"), anyText, fc.jsonValue()),
        reason: anyText,
        confirm: fc.constantFrom("nothing", "else"),
        byContract: fc.boolean(),
        lockWaitMs: fc.oneof(fc.nat(5_000), fc.jsonValue()),
      },
      { requiredKeys: ["input"] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        input,
        approved: fc.boolean(),
        value: fc.jsonValue(),
        cron: fc.oneof(fc.string(), fc.constant("0 3 1 1 *")),
        operation: fc.constantFrom("wide", "rehearse", "x"),
        from: anyText,
        comment: anyText,
        name: anyText,
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.string() },
);

const starting = apiRoutes.filter((route) => route.path === START || route.path.endsWith("/plans"));
const request = fc.record({
  route: fc.oneof(
    { weight: 120, arbitrary: fc.constantFrom(...apiRoutes.filter((route) => route.path !== REBUILD)) },
    { weight: 40, arbitrary: fc.constantFrom(...starting) },
    // It reads every run there is, each time.
    { weight: 1, arbitrary: fc.constantFrom(...apiRoutes.filter((route) => route.path === REBUILD)) },
  ),
  role: fc.constantFrom(...(Object.keys(TOKENS) as ReadonlyArray<keyof typeof TOKENS>), "admin", "operator"),
  param: text,
  which: fc.nat(),
  query: fc.dictionary(
    fc.constantFrom("limit", "cursor", "state", "after", "before", "x", "timeoutMs"),
    fc.constantFrom("1", "0", "-1", "x", "9".repeat(18), "1_a", "queued"),
    { maxKeys: 2 },
  ),
  body,
});

it(`answers 10,000 generated requests without a fault (SEED=${SEED})`, { timeout: 600_000 }, async () => {
  const seen = new Map<string, number>();
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  const begun: string[] = [];
  await fc.assert(
    fc.asyncProperty(request, async ({ route, role, param, which, query, body: sent }) => {
      // A run, once there are some, for what steers one.
      const id = begun[which % Math.max(1, begun.length)];
      const value = route.path.includes("{id}") && id !== undefined ? id : param;
      const path = route.path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(value) || "x");
      const isGet = route.method === "get";
      const url = `${path}?${new URLSearchParams(isGet ? query : {}).toString()}`;
      const ask = isGet ? { role } : { role, body: typeof sent === "string" ? sent : JSON.stringify(sent) };
      const answer = await api.ask(route.method.toUpperCase(), url, ask);
      count(String(answer.status));
      count(`${role} ${answer.status === 403 ? "refused" : "let in"}`);
      if (route.path === REBUILD) count(`rebuild ${answer.status}`);
      if (route.path === START && answer.status < 300) {
        count("started");
        begun.push(answer.body.runId as string);
      }
      expect(
        answer.status,
        `${role} ${route.method} ${url} ${JSON.stringify(sent)} ${String(api.unforeseen.at(-1))}`,
      ).toBeLessThan(500);
    }),
    { seed: SEED, numRuns: 10_000 },
  );
  expect(api.unforeseen).toEqual([]);
  for (const status of ["200", "201", "400", "403", "404"]) expect(seen.get(status) ?? 0, status).toBeGreaterThan(20);
  expect(seen.get("409") ?? 0).toBeGreaterThan(3);
  // So it was the way through all of it, not only its first refusals.
  expect(seen.get("started") ?? 0).toBeGreaterThan(300);
  expect(seen.get("rebuild 200") ?? 0).toBeGreaterThan(5);
  expect(seen.get("viewer refused") ?? 0).toBeGreaterThan(100);
  await waitUntil(async () => ((await Promise.all(begun.map(hasEnded))).every(Boolean) ? true : undefined), {
    what: "The end of all that was started",
    limitMs: 60_000,
    remedy: "",
  });
});

async function hasEnded(runId: string): Promise<boolean> {
  const { body: run } = await api.ask("GET", `/v1/runs/${runId}`, { role: "viewer" });
  expect(["failed"], JSON.stringify(run)).not.toContain(run.state);
  return ["succeeded", "cancelled"].includes(run.state as string);
}
