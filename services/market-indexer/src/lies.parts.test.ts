// An endpoint whose eth_getLogs is not true, without an error: found out by the headers, and nothing of it is stored.
import type { FaultServer } from "@tidegate/chain/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { calm, openForkBench, type ForkBench } from "./testing/fork-bench.ts";
import type { ForkChain, ForkLog } from "./testing/fork-chain.ts";
import { startForkEndpoint, type ForkEndpointOptions, type Json } from "./testing/fork-endpoint.ts";
import { indexToHead } from "./testing/index-fork-chain.ts";
import { seed } from "./testing/market-arbitraries.ts";
import { emptyTables, sumTables, type MarketDatabase } from "./testing/market-database.ts";

type Bend = (logs: readonly ForkLog[]) => readonly ForkLog[];

let bench: ForkBench;
let chain: ForkChain;
let honest: FaultServer;
let database: MarketDatabase;
let truth: MarketDatabase;

beforeEach(async () => {
  bench = await openForkBench(seed, 60);
  ({ chain, honest, database, truth } = bench);
});
afterEach(async () => {
  await bench.close();
});

/** Bends the first answer, or every one. */
async function startLiar(bend: Bend, isLastingly: boolean): Promise<FaultServer> {
  let lies = 0;
  return startForkEndpoint({
    chain,
    ...calm,
    bendLogs: (logs) => (isLastingly || lies++ === 0 ? bend(logs) : logs),
  });
}

const kindOf = (log: ForkLog | undefined): string => `${log?.blockNumber} ${log?.topics[0]}`;

/** Leaves out the logs of one kind of a block that has others. */
const withoutOneOfSeveral: Bend = (logs) => {
  const omitted = logs.find((log) =>
    logs.some((other) => other.blockNumber === log.blockNumber && kindOf(other) !== kindOf(log)),
  );
  expect(omitted).toBeDefined();
  return logs.filter((log) => kindOf(log) !== kindOf(omitted));
};

const changed =
  (change: (log: ForkLog) => Partial<ForkLog>): Bend =>
  (logs) =>
    logs.map((log, index) => (index === 3 ? { ...log, ...change(log) } : log));

const bends: ReadonlyArray<[string, Bend]> = [
  ["no logs at all", () => []],
  ["none of one block", (logs) => logs.filter((log) => log.blockNumber !== logs[0]?.blockNumber)],
  ["none of one kind in one block", (logs) => logs.filter((log) => kindOf(log) !== kindOf(logs[0]))],
  ["none after some block", (logs) => logs.filter((log) => Number(log.blockNumber) < 130)],
  [
    "a log with another request's id",
    changed(({ topics: [name = "", , ...rest] }) => ({ topics: [name, `0x${"5f".repeat(32)}`, ...rest] })),
  ],
  ["data that was cut off", changed(() => ({ data: "0x" }))],
  ["a log of another block", changed(() => ({ blockHash: `0x${"5d".repeat(32)}` }))],
];

describe(`eth_getLogs (seed ${seed})`, () => {
  it.each(bends)("is not believed when it gives %s: it is asked again", async (_title, bend) => {
    const liar = await startLiar(bend, false);
    const events = await indexToHead(database, liar);
    await liar.close();
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
    expect(events.some((event) => event.code === "indexer.retrying" || event.code === "rpc.retrying")).toBe(true);
  });

  it.each(bends)("gives %s each time: another endpoint is asked", async (_title, bend) => {
    const liar = await startLiar(bend, true);
    const events = await indexToHead(database, liar, { rpcUrls: [liar.url, honest.url], batchSize: 20 });
    await liar.close();
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
    expect(events.some((event) => event.code === "rpc.endpoint-resting")).toBe(true);
  });

  it("gives up with exit code 75 where there is no other, and stores nothing", async () => {
    const liar = await startLiar(() => [], true);
    const run = indexToHead(database, liar, { retries: 3 });
    await expect(run).rejects.toMatchObject({ name: "RetriesExhausted", exit: 75 });
    await liar.close();
    const sums = await sumTables(database.pool);
    expect(Object.values(sums).every(({ rows }) => rows === 0n)).toBe(true);
  });

  it("is asked again by hash for a block near the head whose bloom is too full to tell", async () => {
    let lies = 0;
    const bendLogs: Bend = (logs) => (lies++ === 0 ? [] : logs);
    const liar = await startForkEndpoint({ chain, ...calm, bendLogs, hasFullBloom: () => true });
    const events = await indexToHead(database, liar, { reorgDepth: 256 });
    await liar.close();
    expect(events.some((event) => event.code === "indexer.retrying")).toBe(true);
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
  });

  it.each([
    ["near the head", 256],
    ["long before it", 16],
  ])("is found out %s when the header covers for it once with a full bloom", async (_title, reorgDepth) => {
    let lies = 0;
    const asked = new Set<bigint>();
    const liar = await startForkEndpoint({
      chain,
      ...calm,
      bendLogs: (logs) => (lies++ === 0 ? withoutOneOfSeveral(logs) : logs),
      hasFullBloom: ({ number }) => lies > 0 && asked.size < asked.add(number).size,
    });
    const events = await indexToHead(database, liar, { reorgDepth });
    await liar.close();
    expect(events.some((event) => event.code === "indexer.retrying")).toBe(true);
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
  });
});

describe("a header", () => {
  /** Changes the newest block's header the first time. */
  const once = (change: Json): ForkEndpointOptions["bendHeader"] => {
    let lies = 0;
    return (header, block) => (block === chain.head && lies++ === 0 ? { ...header, ...change } : header);
  };
  it.each([
    ["with a time far ahead", { timestamp: "0xee6b2800" }],
    ["with another base fee", { baseFeePerGas: "0x9" }],
    ["with a time that no database holds", { timestamp: `0x${"f".repeat(16)}` }],
  ])("of the newest block %s is not believed once: the block is asked for twice", async (_title, change) => {
    const bendHeader = once(change);
    const liar = await startForkEndpoint({ chain, ...calm, ...(bendHeader && { bendHeader }) });
    const events = await indexToHead(database, liar);
    await liar.close();
    expect(events.some(({ code }) => code === "indexer.retrying" || code === "rpc.retrying")).toBe(true);
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
  });

  it("that is older than the stored block before it is not believed", async () => {
    await indexToHead(database, honest);
    chain.mine(1);
    const before = chain.blocks.at(-2)?.timestamp ?? 0n;
    const old: Json = { timestamp: `0x${(before - 1n).toString(16)}` };
    const liar = await startForkEndpoint({
      chain,
      ...calm,
      bendHeader: (header, block) => (block === chain.head ? { ...header, ...old } : header),
    });
    const run = indexToHead(database, liar, { retries: 2 });
    await expect(run).rejects.toMatchObject({ exit: 75, message: expect.stringContaining("which is later") as string });
    await liar.close();
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
  });

  it("without a bloom is enough where blooms are not checked, and an empty answer near the head is asked for again", async () => {
    let lies = 0;
    const bendLogs: Bend = (logs) => (lies++ === 0 ? [] : logs);
    const liar = await startForkEndpoint({ chain, ...calm, bendLogs, bendHeader: ({ logsBloom: _, ...rest }) => rest });
    const events = await indexToHead(database, liar, { bloomCheck: "off", reorgDepth: 256 });
    await liar.close();
    expect(events.some((event) => event.code === "indexer.retrying")).toBe(true);
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
  });
});

describe("eth_getTransactionByHash", () => {
  it.each([
    ["in a block of another number", { blockNumber: "0x1" }],
    ["in another block", { blockHash: `0x${"5c".repeat(32)}` }],
    ["at another place", { transactionIndex: "0x77" }],
  ])("is not believed when it puts a transaction %s", async (_title, change) => {
    const bendTransaction = (transaction: Json): Json => ({ ...transaction, ...change });
    const liar = await startForkEndpoint({ chain, ...calm, bendTransaction });
    await expect(indexToHead(database, liar, { retries: 2 })).rejects.toMatchObject({ exit: 75 });
    const sums = await sumTables(database.pool);
    expect(Object.values(sums).every(({ rows }) => rows === 0n)).toBe(true);
    await indexToHead(database, liar, { rpcUrls: [liar.url, honest.url] });
    await liar.close();
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
  });
});

it("a head that is too high, once, does not make what undoing needs be forgotten", async () => {
  let looks = 0;
  const liar = await startForkEndpoint({
    chain,
    ...calm,
    maxBlocks: 3,
    bendHead: (head) => (looks++ === 0 ? head + 300n : head),
  });
  await indexToHead(database, honest, { endBlock: chain.head.number - 8n });
  const events = await indexToHead(database, liar);
  expect(events.some((event) => event.code === "indexer.retrying")).toBe(true);
  chain.reorganise(10, 3);
  await indexToHead(database, liar);
  await Promise.all([liar.close(), emptyTables(truth.pool)]);
  await indexToHead(truth, honest);
  expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
});
