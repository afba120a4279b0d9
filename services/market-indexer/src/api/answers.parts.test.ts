// What each endpoint answers, in full, and what it says when it cannot.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "@tidegate/postgres/testing";
import type { ErrorBody, RequestObject } from "./schemas.ts";
import { createMarketDatabase, setProgress } from "./testing/market-database.ts";
import { serveApi, type ServedApi } from "./testing/served-api.ts";
import { DIGEST, ID, insertTwoDigests, OTHER_DIGEST, PADDED_ID, SLASHED_REQUEST } from "./testing/two-digests.ts";

let database: TestDatabase;
let api: ServedApi;

beforeAll(async () => {
  database = await createMarketDatabase();
  api = await serveApi({ url: database.url });
  const { pool } = api;
  await setProgress(pool, { chainId: 8_453, block: 41, timestamp: 1_700_002_000 });
  await insertTwoDigests(pool);
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await database.drop();
});

describe("answers", () => {
  it("tells how far the index is", async () => {
    const { status, body, headers } = await api.get("/v1/market");
    expect(status).toBe(200);
    expect(body).toEqual({
      chain_id: 8_453,
      last_indexed_block: 41,
      last_indexed_block_timestamp: 1_700_002_000,
      last_indexed_block_timestamp_iso: "2023-11-14T22:46:40Z",
    });
    expect(headers.get("cache-control")).toBe("public, max-age=10");
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });

  it("gives a request with every field, and all digests of its id, newest first", async () => {
    const { status, body, headers } = await api.get<RequestObject[]>(`/v1/market/requests/0x${ID}`);
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("public, max-age=60");
    expect(body.map((one) => one.request_digest)).toEqual([`0x${OTHER_DIGEST}`, `0x${DIGEST}`]);
    expect(body[1]).toEqual(SLASHED_REQUEST);
  });

  it("has null for what did not happen and for what cannot be said", async () => {
    const { body } = await api.get<RequestObject[]>(`/v1/market/requests/${ID}`);
    expect(body[0]).toMatchObject({
      source: "offchain",
      submit_block: null,
      submit_tx_hash: null,
      locked_at: null,
      locked_at_iso: null,
      lock_price: null,
      lock_price_formatted: null,
      image_id: null,
      input_data: "0x",
      fulfill_seal: null,
      ramp_up_start_iso: null,
    });
  });

  it("writes a time of 2^64 - 1 to the last digit", async () => {
    const response = await fetch(`http://127.0.0.1:${api.port}/v1/market/requests/${ID}`);
    expect(await response.text()).toContain('"ramp_up_start":18446744073709551615,"ramp_up_start_iso":null');
  });

  it.each([ID, `0x${ID}`, `0X${ID.toUpperCase()}`, PADDED_ID, `0x${PADDED_ID.toUpperCase()}`])(
    "takes the id %s",
    async (id) => {
      const { status, body } = await api.get<RequestObject[]>(`/v1/market/requests/${id}`);
      expect(status).toBe(200);
      expect(body.every((one) => one.request_id === `0x${ID}`)).toBe(true);
    },
  );

  it("is healthy", async () => {
    const { status, body } = await api.get("/health?probe=1");
    expect([status, body]).toEqual([200, { status: "healthy", service: "indexer-api" }]);
  });

  it("answers HEAD and the preflight of a browser", async () => {
    const url = `http://127.0.0.1:${api.port}/v1/market`;
    const head = await fetch(url, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const headers = { origin: "https://example.com", "access-control-request-method": "GET" };
    const preflight = await fetch(url, { method: "OPTIONS", headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-max-age")).toBe("300");
  });

  it.each([
    ["/v1/market?limit=5", 'limit="5" is not a parameter of this endpoint.'],
    ["/v1/market/requests?limit=0", 'limit="0" must be a whole number from 1 to 500, given once.'],
    ["/v1/market/requests?limit=501", 'limit="501" must be a whole number from 1 to 500, given once.'],
    ["/v1/market/requests?limit=-1", 'limit="-1" must be a whole number from 1 to 500, given once.'],
    ["/v1/market/requests?limit=1.5", 'limit="1.5" must be a whole number from 1 to 500, given once.'],
    ["/v1/market/requests?limit=", 'limit="" must be a whole number from 1 to 500, given once.'],
    ["/v1/market/requests?limit=1&limit=2", 'limit=["1","2"] must be a whole number from 1 to 500, given once.'],
    ["/v1/market/requests?sort_by=price", 'sort_by="price" must be created_at or updated_at, given once.'],
    ["/v1/market/requests?cursor=x", 'cursor="x" must be a next_cursor of an earlier page, given once.'],
    ["/v1/market/requests?offset=3", 'offset="3" is not a parameter of this endpoint.'],
    [
      "/v1/market/requests?limit=x&a=b",
      'limit="x" must be a whole number from 1 to 500, given once; a="b" is not a parameter of this endpoint.',
    ],
    ["/v1/market/requests/0xzz", 'id="0xzz" must be a request id: up to 64 hexadecimal digits, with or without 0x.'],
    ["/v1/market/requests/0x", 'id="0x" must be a request id: up to 64 hexadecimal digits, with or without 0x.'],
    [
      `/v1/market/requests/${"1".repeat(100)}`,
      `id="${"1".repeat(79)}… must be a request id: up to 64 hexadecimal digits, with or without 0x.`,
    ],
  ])("refuses %s", async (path, message) => {
    const { status, body, headers } = await api.get(path);
    expect([status, body]).toEqual([400, { error: "Bad Request", message }]);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });

  it("says when no request has the id", async () => {
    const { status, body } = await api.get("/v1/market/requests/0x000A");
    expect(status).toBe(404);
    expect(body).toEqual({ error: "Not Found", message: "No request with the id 0xa is indexed." });
  });

  it.each(["/", "/v1", "/v1/market/", "/v1/markets", "/v1/market/requests/", "/v1/market/requests/1/2", "/v2/market"])(
    "has no endpoint %s",
    async (path) => {
      const { status, body } = await api.get(path);
      const expected = { error: "Not Found", message: "The requested endpoint does not exist" };
      expect([status, body]).toEqual([404, expected]);
    },
  );

  it("has nothing to post to", async () => {
    const response = await fetch(`http://127.0.0.1:${api.port}/v1/market`, { method: "POST", body: "{}" });
    expect(response.status).toBe(404);
  });

  it("tells its listener of every answer", async () => {
    await api.get("/v1/market?x=1");
    expect(api.events.at(-1)).toMatchObject({
      code: "market-api.answered",
      method: "GET",
      path: "/v1/market",
      status: 400,
    });
  });
});

describe("a database that holds something else", () => {
  it("serves nothing of another chain", async () => {
    await using other = await serveApi({ url: database.url }, { chainId: 1n });
    const message = "This API was started for chain 1, but its database holds chain 8453. Nothing is served.";
    for (const path of ["/v1/market", "/v1/market/requests", `/v1/market/requests/${ID}`]) {
      const { status, body } = await other.get<ErrorBody>(path);
      expect([status, body.message]).toEqual([500, message]);
    }
    expect(other.events.filter((event) => event.code === "market-api.failed")).toHaveLength(3);
  });

  it("says that nothing is indexed yet", async () => {
    await using empty = await createMarketDatabase();
    await using silent = await serveApi({ url: empty.url });
    for (const path of ["/v1/market", "/v1/market/requests"]) {
      const { status, body } = await silent.get(path);
      expect([status, body]).toEqual([404, { error: "Not Found", message: "No block is indexed yet." }]);
    }
    await using told = await serveApi({ url: empty.url }, { chainId: 8_453n });
    const { status, body } = await told.get("/v1/market/requests");
    expect([status, body]).toEqual([200, { chain_id: 8_453, data: [], next_cursor: null, has_more: false }]);
  });
});
