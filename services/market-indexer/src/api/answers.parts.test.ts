// What each endpoint answers, in full, and what it says when it cannot.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "@tidegate/postgres/testing";
import type { ErrorBody, RequestObject } from "./schemas.ts";
import { createMarketDatabase, insertRows, setProgress } from "./testing/market-database.ts";
import { serveApi, type ServedApi } from "./testing/served-api.ts";

const DIGEST = "ab".repeat(32);
const OTHER_DIGEST = "cd".repeat(32);
const CLIENT = "1f".repeat(20);
const PROVER = "2e".repeat(20);
const RECIPIENT = "3d".repeat(20);
/** Client and index 7, without the zeros in front. */
const ID = `${CLIENT}00000007`;
const PADDED_ID = ID.padStart(64, "0");
const tx = (byte: string): string => `\\x${byte.repeat(32)}`;

const keys = { request_digest: `\\x${DIGEST}`, request_id: `\\x${PADDED_ID}`, client_address: `\\x${CLIENT}` };
/** A requestor may choose any uint64 as the start of the ramp. */
const FAR = (2n ** 64n - 1n).toString();
const asked = {
  ...keys,
  source: "onchain",
  predicate_type: "DigestMatch",
  predicate_data: `\\x${"aa".repeat(64)}`,
  callback_address: `\\x${"00".repeat(20)}`,
  callback_gas_limit: "0",
  selector: "\\x00c0ffee",
  input_type: "Url",
  input_data: `\\x${Buffer.from("https://example.com/in").toString("hex")}`,
  image_id: `\\x${"aa".repeat(32)}`,
  image_url: "https://example.com/<img>",
  min_price: "1",
  max_price: (2n ** 256n - 1n).toString(),
  lock_collateral: "5000000000000000000",
  ramp_up_start: "1700000000",
  ramp_up_period: 60,
  lock_timeout: 600,
  timeout: 1_200,
  lock_end: "1700000600",
  expires_at: "1700001200",
  client_signature: "\\x",
  submission_timestamp: 1_700_000_001,
};
const slashed = {
  ...keys,
  source: "onchain",
  request_status: "fulfilled",
  slashed_status: "Slashed",
  created_at: 1_700_000_001,
  updated_at: 1_700_002_000,
  locked_at: 1_700_000_030,
  fulfilled_at: 1_700_000_700,
  slashed_at: 1_700_002_000,
  lock_prover_delivered_proof_at: 1_700_000_700,
  lock_prover_address: `\\x${PROVER}`,
  fulfill_prover_address: `\\x${PROVER}`,
  submit_block: 10,
  lock_block: 11,
  fulfill_block: 12,
  slashed_block: 13,
  submit_tx_hash: tx("10"),
  lock_tx_hash: tx("11"),
  fulfill_tx_hash: tx("12"),
  slash_tx_hash: tx("13"),
  lock_end: "1700000600",
  expires_at: "1700001200",
  lock_price: "1500000000000000000",
  slash_recipient: `\\x${RECIPIENT}`,
  slash_transferred_amount: "2500000000000000000",
  slash_burned_amount: "2500000000000000001",
};
const proof = (block: number, logIndex: number, prover: string, seal: string) => ({
  request_digest: keys.request_digest,
  request_id: keys.request_id,
  block_number: block,
  log_index: logIndex,
  tx_hash: tx("12"),
  block_timestamp: 0,
  prover_address: `\\x${prover}`,
  claim_digest: tx("00"),
  fulfillment_data_type: "None",
  fulfillment_data: "\\x",
  seal: `\\x${seal}`,
});
const offchain = {
  request_digest: `\\x${OTHER_DIGEST}`,
  request_id: keys.request_id,
  client_address: keys.client_address,
  source: "offchain",
  request_status: "submitted",
  slashed_status: "N/A",
  created_at: 1_700_000_002,
  updated_at: 1_700_000_002,
  lock_end: FAR,
  expires_at: FAR,
};

let database: TestDatabase;
let api: ServedApi;

beforeAll(async () => {
  database = await createMarketDatabase();
  api = await serveApi({ url: database.url });
  const { pool } = api;
  await setProgress(pool, { chainId: 8_453, block: 41, timestamp: 1_700_002_000 });
  const other = {
    ...asked,
    request_digest: offchain.request_digest,
    source: "offchain",
    image_id: null,
    input_data: "\\x",
  };
  await insertRows(pool, "proof_requests", [asked, { ...other, ramp_up_start: FAR, lock_end: FAR, expires_at: FAR }]);
  await insertRows(pool, "request_status", [slashed, offchain]);
  // The earliest of all is another prover's, and the earliest of the fulfilling prover is not the first row.
  await insertRows(pool, "proofs", [
    proof(12, 9, PROVER, "09"),
    proof(12, 3, PROVER, "03"),
    proof(11, 1, RECIPIENT, "01"),
  ]);
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

const SLASHED_REQUEST: RequestObject = {
  request_digest: `0x${DIGEST}`,
  request_id: `0x${ID}`,
  request_status: "fulfilled",
  slashed_status: "Slashed",
  source: "onchain",
  client_address: `0x${CLIENT}`,
  lock_prover_address: `0x${PROVER}`,
  fulfill_prover_address: `0x${PROVER}`,
  created_at: 1_700_000_001,
  created_at_iso: "2023-11-14T22:13:21Z",
  updated_at: 1_700_002_000,
  updated_at_iso: "2023-11-14T22:46:40Z",
  locked_at: 1_700_000_030,
  locked_at_iso: "2023-11-14T22:13:50Z",
  fulfilled_at: 1_700_000_700,
  fulfilled_at_iso: "2023-11-14T22:25:00Z",
  slashed_at: 1_700_002_000,
  slashed_at_iso: "2023-11-14T22:46:40Z",
  lock_prover_delivered_proof_at: 1_700_000_700,
  lock_prover_delivered_proof_at_iso: "2023-11-14T22:25:00Z",
  ramp_up_start: 1_700_000_000,
  ramp_up_start_iso: "2023-11-14T22:13:20Z",
  ramp_up_period: 60,
  lock_end: 1_700_000_600,
  lock_end_iso: "2023-11-14T22:23:20Z",
  expires_at: 1_700_001_200,
  expires_at_iso: "2023-11-14T22:33:20Z",
  submit_block: 10,
  lock_block: 11,
  fulfill_block: 12,
  slashed_block: 13,
  submit_tx_hash: `0x${"10".repeat(32)}`,
  lock_tx_hash: `0x${"11".repeat(32)}`,
  fulfill_tx_hash: `0x${"12".repeat(32)}`,
  slash_tx_hash: `0x${"13".repeat(32)}`,
  min_price: "1",
  min_price_formatted: "0.000000000000000001 ETH",
  max_price: "115792089237316195423570985008687907853269984665640564039457584007913129639935",
  max_price_formatted: "115792089237316195423570985008687907853269984665640564039457.584007913129639935 ETH",
  lock_price: "1500000000000000000",
  lock_price_formatted: "1.5 ETH",
  lock_collateral: "5000000000000000000",
  lock_collateral_formatted: "5.0 ZKC",
  slash_recipient: `0x${RECIPIENT}`,
  slash_transferred_amount: "2500000000000000000",
  slash_transferred_amount_formatted: "2.5 ZKC",
  slash_burned_amount: "2500000000000000001",
  slash_burned_amount_formatted: "2.500000000000000001 ZKC",
  image_id: `0x${"aa".repeat(32)}`,
  image_url: "https://example.com/<img>",
  selector: "0x00c0ffee",
  predicate_type: "DigestMatch",
  predicate_data: `0x${"aa".repeat(64)}`,
  input_type: "Url",
  input_data: "0x68747470733a2f2f6578616d706c652e636f6d2f696e",
  fulfill_seal: "0x03",
};
