// Walking the list of requests page by page, over HTTP and a real database.
import { seededRandom } from "@tidegate/kernel";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "@tidegate/postgres/testing";
import type { RequestObject } from "./schemas.ts";
import { createMarketDatabase, setProgress } from "./testing/market-database.ts";
import { insertRequests, seededRequests, type RequestFixture } from "./testing/request-fixtures.ts";
import { serveApi, type ServedApi } from "./testing/served-api.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

interface Page {
  readonly chain_id: number;
  readonly data: readonly RequestObject[];
  readonly next_cursor: string | null;
  readonly has_more: boolean;
}

/** 260 requests over 13 seconds: about 20 share each second. */
const TIMES = { from: 1_700_000_000, to: 1_700_000_012 };
const random = seededRandom(SEED);
const requests = seededRequests(random, 260, TIMES);

let database: TestDatabase;
let api: ServedApi;

beforeAll(async () => {
  database = await createMarketDatabase();
  api = await serveApi({ url: database.url });
  await setProgress(api.pool, { chainId: 31_337, block: 5, timestamp: TIMES.to });
  await insertRequests(api.pool, requests);
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await database.drop();
});

/** All pages from the start to the end; `between` runs after each. */
async function walk(query: string, between: (pages: number) => Promise<void> = async () => {}): Promise<Page[]> {
  const pages: Page[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const after: string = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await api.get<Page>(`/v1/market/requests?${query}${after}`);
    expect(status).toBe(200);
    pages.push(body);
    cursor = body.next_cursor;
    await between(pages.length);
  }
  return pages;
}

const digestsOf = (pages: readonly Page[]): string[] =>
  pages.flatMap((page) => page.data.map((one) => one.request_digest.slice(2)));

/** Newest first; the order of hexadecimal text is that of the bytes. */
function expectedOrder(rows: readonly RequestFixture[], field: "createdAt" | "updatedAt"): string[] {
  const compare = (a: string, b: string): number => (a < b ? 1 : -1);
  return rows.toSorted((a, b) => b[field] - a[field] || compare(a.digest, b.digest)).map((one) => one.digest);
}

describe(`pages of requests (SEED=${SEED})`, () => {
  it.each([
    ["sort_by=created_at&limit=7", "createdAt", 38],
    ["sort_by=updated_at&limit=7", "updatedAt", 38],
    ["limit=1", "createdAt", 260],
    // 260 = 2 × 130 = 260 × 1: the last page is full, and no empty one follows it.
    ["limit=130", "createdAt", 2],
    ["limit=260", "createdAt", 1],
    ["limit=500", "createdAt", 1],
    ["", "createdAt", 6],
  ] as const)("%s visits every row once, in order, ties included", async (query, field, pageCount) => {
    const pages = await walk(query);
    expect(digestsOf(pages)).toEqual(expectedOrder(requests, field));
    expect(pages).toHaveLength(pageCount);
    expect(pages.map((page) => page.has_more)).toEqual(pages.map((_, index) => index < pageCount - 1));
    expect(pages.every((page) => page.data.length > 0 && page.chain_id === 31_337)).toBe(true);
  });

  it.each(["created_at", "updated_at"] as const)(
    "by %s, a walk sees no row twice and misses none while rows are added in front",
    async (field) => {
      const before = expectedOrder(requests, field === "created_at" ? "createdAt" : "updatedAt");
      const added: RequestFixture[] = [];
      try {
        const pages = await walk(`sort_by=${field}&limit=20`, async (count) => {
          const second = TIMES.to + 100 + count;
          const more = seededRequests(random, 9, { from: second, to: second });
          added.push(...more);
          await insertRequests(api.pool, more);
        });
        expect(digestsOf(pages)).toEqual(before);
      } finally {
        const digests = added.map((one) => Buffer.from(one.digest, "hex"));
        for (const table of ["proofs", "request_status", "proof_requests"]) {
          await api.pool.query(`delete from ${table} where request_digest = any($1)`, [digests]);
        }
      }
    },
  );

  it("goes on after a cursor whose row is gone", async () => {
    const [first] = await walk("limit=10");
    const last = first?.data.at(-1);
    const cursor = encodeURIComponent(first?.next_cursor ?? "");
    const digest = Buffer.from(last?.request_digest.slice(2) ?? "", "hex");
    const held = await api.pool.query("delete from request_status where request_digest = $1 returning *", [digest]);
    expect(held.rowCount).toBe(1);
    try {
      const { body } = await api.get<Page>(`/v1/market/requests?limit=10&cursor=${cursor}`);
      expect(digestsOf([body])).toEqual(expectedOrder(requests, "createdAt").slice(10, 20));
    } finally {
      const kept = requests.find((one) => one.digest === digest.toString("hex"));
      await api.pool.query(
        "insert into request_status select * from jsonb_populate_recordset(null::request_status, $1)",
        [JSON.stringify([kept?.status])],
      );
    }
  });
});
