// Endpoints that refuse for a while, fall behind, or serve another chain: another is asked, or the same again; never is that the end at once.
import type { Fault, FaultServer } from "@tidegate/chain/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createIndexerState } from "./health/indexer-state.ts";
import { calm, openForkBench, type ForkBench } from "./testing/fork-bench.ts";
import type { ForkChain } from "./testing/fork-chain.ts";
import { startForkEndpoint, type ForkEndpointOptions } from "./testing/fork-endpoint.ts";
import { indexToHead, indexUntil } from "./testing/index-fork-chain.ts";
import { seed } from "./testing/market-arbitraries.ts";
import { sumTables, type MarketDatabase } from "./testing/market-database.ts";

let bench: ForkBench;
let chain: ForkChain;
let honest: FaultServer;
let database: MarketDatabase;
let truth: MarketDatabase;
let others: FaultServer[];

beforeEach(async () => {
  bench = await openForkBench(seed, 30);
  ({ chain, honest, database, truth } = bench);
  others = [];
});
afterEach(async () => {
  await Promise.all([bench, ...others].map(async (one) => one.close()));
});

async function start(options: Partial<ForkEndpointOptions>): Promise<FaultServer> {
  const endpoint = await startForkEndpoint({ chain, ...calm, ...options });
  others.push(endpoint);
  return endpoint;
}

async function expectTruth(): Promise<void> {
  expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
}

const refused = (code: number, message: string, status?: number): Fault =>
  status === undefined
    ? { kind: "error", error: { code, message } }
    : { kind: "error", status, error: { code, message } };

const refusals: ReadonlyArray<readonly [string, Fault]> = [
  ["request timed out", refused(-32000, "request timed out")],
  ["context deadline exceeded", refused(-32000, "context deadline exceeded")],
  ["a busy server, as HTTP 503", refused(-32000, "server is busy", 503)],
  ["no backend", refused(-32000, "no backend is currently healthy to serve traffic")],
  ["a failed upstream", refused(-32000, "upstream request failed")],
  ["resource not found (EIP-1474)", refused(-32001, "resource not found")],
  ["blocks that it does not have", refused(-32000, "One of the blocks specified in filter cannot be found")],
  ["an invalid range", refused(-32000, "invalid block range params")],
  ["a query that takes too long, also for one block", refused(-32000, "query timeout exceeded")],
  ["a method that is not there", refused(-32601, "the method eth_getLogs does not exist/is not available")],
  ["invalid params", refused(-32602, "invalid argument 0")],
  ["HTTP 401", { kind: "status", status: 401 }],
  ["HTTP 403", { kind: "status", status: 403 }],
  ["HTTP 404", { kind: "status", status: 404 }],
];

describe(`an endpoint that refuses eth_getLogs (seed ${seed})`, () => {
  it.each(refusals)("for a while is tried again: %s", async (_title, fault) => {
    // The client's own six tries, and one of the pipeline's more.
    let left = 7;
    const endpoint = await start({
      faultOf: (methods) => (methods.includes("eth_getLogs") && left-- > 0 ? fault : undefined),
    });
    await indexToHead(database, endpoint);
    await expectTruth();
  });

  it.each(refusals)("for good ends the indexer with 75, after its tries: %s", async (_title, fault) => {
    const endpoint = await start({
      faultOf: (methods) => (methods.includes("eth_getLogs") ? fault : undefined),
    });
    const run = indexToHead(database, endpoint, { retries: 2 });
    await expect(run).rejects.toMatchObject({ name: "RetriesExhausted", exit: 75 });
  });

  it.each(refusals)("for good is passed over where there is another: %s", async (_title, fault) => {
    const endpoint = await start({
      faultOf: (methods) => (methods.includes("eth_getLogs") ? fault : undefined),
    });
    await indexToHead(database, endpoint, { rpcUrls: [endpoint.url, honest.url] });
    await expectTruth();
  });
});

describe("an endpoint of another chain", () => {
  it("is not used, though it comes second and the first one fails once it has said its chain", async () => {
    const first = await start({
      faultOf: (methods) => (methods.includes("eth_blockNumber") ? { kind: "status", status: 503 } : undefined),
    });
    const stranger = await start({ chainId: 1 });
    const run = indexToHead(database, first, { rpcUrls: [first.url, stranger.url], retries: 2 });
    await expect(run).rejects.toMatchObject({ name: "RetriesExhausted" });
    const sums = await sumTables(database.pool);
    expect(Object.values(sums).every(({ rows }) => rows === 0n)).toBe(true);
    const asked = stranger.requests.flat().map(({ method }) => method);
    expect(new Set(asked)).toEqual(new Set(["eth_chainId"]));
  });

  it("is passed over where a third one is of the chain", async () => {
    const first = await start({
      faultOf: (methods) => (methods.includes("eth_blockNumber") ? { kind: "status", status: 503 } : undefined),
    });
    const stranger = await start({ chainId: 1 });
    const events = await indexToHead(database, first, { rpcUrls: [first.url, stranger.url, honest.url] });
    const why = events.flatMap((event) => (event.code === "rpc.endpoint-resting" ? [event.error.name] : []));
    expect(why).toContain("WrongChainId");
    await expectTruth();
  });
});

describe("an endpoint whose head stays before what is stored", () => {
  const behind = (head: bigint): bigint => head - 9n;

  it("is another's turn after a while, where there is another", async () => {
    await indexToHead(database, honest, { endBlock: chain.head.number - 4n });
    const stuck = await start({ bendHead: behind });
    const events = await indexUntil(
      database,
      { rpcUrls: [stuck.url, honest.url] },
      (event) => event.code === "indexer.progress" && event.indexedBlock === chain.head.number,
    );
    expect(events.filter(({ code }) => code === "indexer.node-behind").length).toBeGreaterThanOrEqual(5);
    await expectTruth();
  });

  it("is waited for where there is none, and that shows", async () => {
    await indexToHead(database, honest);
    const stuck = await start({ bendHead: behind });
    const state = createIndexerState();
    let looks = 0;
    await indexUntil(database, { rpcUrls: [stuck.url] }, (event) => {
      state.apply(event);
      return event.code === "indexer.node-behind" && ++looks === 6;
    });
    expect(state.current()).toMatchObject({
      status: "retrying",
      lastError: expect.stringContaining("stays there") as string,
      progress: { head: chain.head.number - 9n, indexedBlock: chain.head.number },
    });
    await expectTruth();
  });
});
