// 10,000 generated requests, well-formed and not: each gets an answer that is not our mistake.
import { Agent, request } from "node:http";
import * as fc from "fast-check";
import { seededRandom } from "@tidegate/kernel";
import { expect, it } from "vitest";
import { errorSchema } from "./schemas.ts";
import { createMarketDatabase, setProgress } from "./testing/market-database.ts";
import { insertRequests, seededRequests } from "./testing/request-fixtures.ts";
import { serveApi } from "./testing/served-api.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
const BATCHES = 500;
const BATCH = 20;

/** What HTTP lets through in a request line; node refuses to send anything else. */
const rawText = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) });
const encodedText = fc.string({ unit: "binary" }).map((text) => encodeURIComponent(text.toWellFormed()));
const base64Json = fc.json().map((json) => encodeURIComponent(Buffer.from(json).toString("base64")));
const hex0x = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;
/** Of a cursor's shape, though seldom one of ours. */
const cursor = fc
  .record({
    timestamp: fc.oneof(fc.nat(), fc.maxSafeNat(), fc.double(), fc.constantFrom(-1, 2 ** 63, null, "1", [1])),
    request_digest: fc.oneof(fc.constant("ab".repeat(32)), fc.uint8Array({ maxLength: 40 }).map(hex0x), fc.string()),
  })
  .map((json) => encodeURIComponent(Buffer.from(JSON.stringify(json)).toString("base64")));
const hexText = fc.string({ unit: fc.constantFrom(...Array.from("0123456789abcdefABCDEFx")), maxLength: 70 });
const number = fc.oneof(fc.integer(), fc.double(), fc.bigInt()).map((value) => String(value));
const anyText = fc.oneof(rawText, encodedText, base64Json, cursor, hexText, number);

const parameterName = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("cursor", "limit", "sort_by") },
  { weight: 1, arbitrary: fc.oneof(encodedText, fc.constantFrom("__proto__", "constructor", "id", "limit[]", "")) },
);
const parameterValue = fc.oneof(
  anyText,
  cursor,
  fc.integer({ min: -2, max: 502 }).map(String),
  fc.constantFrom("created_at", "updated_at", "", "null", "1e3", "%", "%zz", "+", "%00"),
);
const query = fc
  .array(fc.tuple(parameterName, parameterValue), { maxLength: 4 })
  .map((pairs) => (pairs.length === 0 ? "" : `?${pairs.map(([name, value]) => `${name}=${value}`).join("&")}`));
const path = fc.oneof(
  fc.constantFrom("/v1/market", "/v1/market/requests", "/health", "/docs", "/openapi.json", "/openapi.yaml"),
  fc.oneof(hexText, anyText).map((id) => `/v1/market/requests/${id}`),
  fc.array(anyText, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`),
);
const target = fc.tuple(path, query).map(([where, what]) => `${where}${what}`);

it(`answers ${BATCHES * BATCH} generated requests without a 500 (SEED=${SEED})`, { timeout: 120_000 }, async () => {
  await using database = await createMarketDatabase();
  await using api = await serveApi({ url: database.url });
  await setProgress(api.pool, { chainId: 1, block: 1, timestamp: 1 });
  await insertRequests(api.pool, seededRequests(seededRandom(SEED), 30, { from: 0, to: 9 }));
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const counts = new Map<number, number>();
  try {
    const property = fc.asyncProperty(fc.array(target, { minLength: BATCH, maxLength: BATCH }), async (targets) => {
      const answers = await Promise.all(targets.map(async (one) => ({ one, ...(await get(agent, api.port, one)) })));
      for (const { one, status, body } of answers) {
        expect([200, 400, 404], `${one} got ${status}: ${body}`).toContain(status);
        if (status !== 200) expect(errorSchema.safeParse(JSON.parse(body)).success, body).toBe(true);
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }
    });
    await fc.assert(property, { seed: SEED, numRuns: BATCHES, endOnFailure: true });
  } finally {
    agent.destroy();
  }
  // The generator is worth something only if it reaches each kind of answer often.
  for (const status of [200, 400, 404]) expect(counts.get(status) ?? 0, `answers ${status}`).toBeGreaterThan(500);
  expect(api.events.filter((event) => event.code === "market-api.failed")).toEqual([]);
});

/** `fetch` would tidy the path up. */
async function get(agent: Agent, port: number, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: "127.0.0.1", port, path, timeout: 10_000 }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end();
  });
}
