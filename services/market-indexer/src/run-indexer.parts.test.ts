// The whole pipeline, from a JSON-RPC endpoint to PostgreSQL: every way to index a chain gives the same tables.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Secret, seededRandom, systemClock, type Clock } from "@tidegate/kernel";
import { queryRows, type Pool } from "@tidegate/postgres";
import { createInstantClock } from "@tidegate/chain/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IndexerEvent } from "./events.ts";
import { runIndexer, type IndexerRunConfig } from "./run-indexer.ts";
import { openMarketDatabase, sumTables, type MarketDatabase, type TableSum } from "./testing/market-database.ts";
import { MARKET_EVENT_NAMES, marketEvents } from "./decode/abi.ts";
import { seed } from "./testing/market-arbitraries.ts";
import { randomHistory, requestWith } from "./testing/random-history.ts";
import { runConfig } from "./testing/run-config.ts";
import { startRpcChain, type RpcChain } from "./testing/rpc-chain.ts";
import { eventsOf } from "./testing/synthetic-chain.ts";

const { blocks } = historyWithEveryEvent();
const first = blocks[0]?.number ?? 0n;
const last = blocks.at(-1)?.number ?? 0n;

let chain: RpcChain;
let expected: Record<string, TableSum>;

function configFor(database: MarketDatabase, changes: Partial<IndexerRunConfig> = {}): IndexerRunConfig {
  const place = { rpcUrls: [chain.url], database: database.url };
  return runConfig({ ...place, startBlock: first, endBlock: last, ...changes });
}

interface Run {
  readonly events: IndexerEvent[];
  readonly sums: Record<string, TableSum>;
}

/** Waits of the pipeline and of fetching take no time. */
async function index(
  changes: Partial<IndexerRunConfig>,
  options: { clock?: Clock; onEvent?: (event: IndexerEvent, test: { stop: () => void; pool: Pool }) => void } = {},
): Promise<Run> {
  const database = await openMarketDatabase();
  const events: IndexerEvent[] = [];
  const stopping = new AbortController();
  try {
    await runIndexer(configFor(database, changes), {
      // A test that would go round for ever ends with what it has.
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(20_000)]),
      clock: options.clock ?? createInstantClock(),
      random: () => 1,
      onEvent: (event) => {
        events.push(event);
        options.onEvent?.(event, { stop: () => stopping.abort(new Error("stop")), pool: database.pool });
      },
    });
    return { events, sums: await sumTables(database.pool) };
  } finally {
    await database.close();
  }
}

/** Those of the indexer, the writer's lock among them, not the test's own. */
const END_CONNECTIONS = `
  select pg_terminate_backend(pid, 5000) from pg_stat_activity
  where datname = current_database() and application_name ~ '^market-indexer \\d'`;

/** Bytes as "0x…", numbers as decimal text. */
function orderJson(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Buffer.isBuffer(value)) return `0x${value.toString("hex")}`;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => [
      key,
      key === "imageUrl" ? (inner as Buffer).toString("utf8") : orderJson(inner),
    ]),
  );
}

/** The first history from the seed on in which each of the ten events happens. */
function historyWithEveryEvent(): ReturnType<typeof randomHistory> {
  for (let next = seed; next < seed + 1_000; next++) {
    const history = randomHistory(seededRandom(next), 80);
    const names = new Set(history.blocks.flatMap(eventsOf).map((event) => event.name));
    if (names.size === MARKET_EVENT_NAMES.length) return history;
  }
  throw new Error(`No history from seed ${seed} on has every event`);
}

beforeAll(async () => {
  chain = await startRpcChain(blocks);
  expected = (await index({})).sums;
});
afterAll(async () => chain.close());

describe(`runIndexer (seed ${seed})`, () => {
  it("stores each event in its table", () => {
    const events = blocks.flatMap(eventsOf);
    const count = (name: string): bigint => BigInt(events.filter((event) => event.name === name).length);
    const rows = Object.fromEntries(Object.entries(expected).map(([table, sum]) => [table, sum.rows]));
    expect(rows).toMatchObject({
      last_block: 1n,
      transactions: BigInt(events.length),
      request_submitted_events: count("RequestSubmitted"),
      request_locked_events: count("RequestLocked"),
      request_fulfilled_events: count("RequestFulfilled"),
      proof_delivered_events: count("ProofDelivered"),
      proofs: count("ProofDelivered"),
      callback_failed_events: count("CallbackFailed"),
      prover_slashed_events: count("ProverSlashed"),
      deposit_events: count("Deposit"),
      withdrawal_events: count("Withdrawal"),
      collateral_deposit_events: count("CollateralDeposit"),
      collateral_withdrawal_events: count("CollateralWithdrawal"),
      proof_requests: BigInt(
        new Set(events.flatMap((event) => ("digest" in event ? [event.digest.toString("hex")] : []))).size,
      ),
    });
    expect(rows["request_status"]).toBe(rows["proof_requests"]);
    const empty = Object.keys(rows).filter((table) => rows[table] === 0n);
    expect(empty).toEqual(["dead_letters"]);
  });

  it.each<[string, Partial<IndexerRunConfig>]>([
    ["block receipts", { txFetchStrategy: "block-receipts" }],
    ["one block at a time", { batchSize: 0 }],
    ["two blocks at a time, by block receipts", { batchSize: 1, txFetchStrategy: "block-receipts" }],
    ["batches of eight", { batchSize: 7 }],
  ])("stores the same with %s", async (_title, changes) => {
    expect((await index(changes)).sums).toEqual(expected);
  });

  it("follows the head, stays behind it by the delay, and waits for a node that lost blocks", async () => {
    chain.head = first + 10n;
    const seen: bigint[] = [];
    try {
      const { events, sums } = await index(
        { blockDelay: 2, endBlock: last - 2n },
        {
          onEvent: (event) => {
            if (event.code === "indexer.node-behind") chain.head = last;
            if (event.code !== "indexer.progress") return;
            seen.push(event.indexedBlock ?? -1n);
            if (seen.length === 1) chain.head = first + 5n;
          },
        },
      );
      expect(events.some((event) => event.code === "indexer.node-behind")).toBe(true);
      expect(seen).toEqual(seen.toSorted((a, b) => Number(a - b)));
      expect(sums["last_block"]?.rows).toBe(1n);
    } finally {
      chain.head = last;
    }
  });

  it("asks again for a transaction that the endpoint does not know yet", async () => {
    let nulls = 3;
    chain.bend.set("eth_getTransactionByHash", (answer) => (nulls-- > 0 ? null : answer));
    const clock = createInstantClock();
    const { events, sums } = await index({}, { clock });
    expect(sums).toEqual(expected);
    expect(events.filter((event) => event.code === "indexer.retrying")).toEqual([]);
    expect(clock.waits).toContain(1_000);
    chain.bend.clear();
  });

  it.each<[string, string, (answer: Record<string, unknown>) => Record<string, unknown>]>([
    ["a header with another hash", "eth_getBlockByNumber", (block) => ({ ...block, hash: `0x${"5a".repeat(32)}` })],
    [
      "a transaction in another block",
      "eth_getTransactionByHash",
      (tx) => ({ ...tx, blockHash: `0x${"5a".repeat(32)}` }),
    ],
    ["a transaction at another index", "eth_getTransactionByHash", (tx) => ({ ...tx, transactionIndex: "0x77" })],
  ])("does not store %s, and tries again", async (_title, method, distort) => {
    let lies = 1;
    chain.bend.set(method, (answer) => (lies-- > 0 ? distort(answer as Record<string, unknown>) : answer));
    const { events, sums } = await index({});
    chain.bend.clear();
    expect(sums).toEqual(expected);
    const retried = events.flatMap((event) => (event.code === "indexer.retrying" ? [event.error.name] : []));
    expect(retried).toEqual(["InconsistentAnswers"]);
  });

  it("gives up after so many failures in a row, with doubling waits, and stores nothing", async () => {
    chain.bend.set("eth_getBlockByNumber", (block) => ({ ...(block as object), hash: `0x${"5a".repeat(32)}` }));
    const clock = createInstantClock();
    const failure: unknown = await index({ retries: 9 }, { clock }).catch((error: unknown) => error);
    chain.bend.clear();
    expect(failure).toMatchObject({
      name: "RetriesExhausted",
      exit: 75,
      message: expect.stringMatching(/^FATAL: 10 tries/),
    });
    expect(clock.waits).toEqual([1, 2, 4, 8, 16, 32, 64, 120, 120].map((seconds) => seconds * 1000));
  });

  it("goes on after all its connections to the database were ended", async () => {
    const endOfConnections: Promise<unknown>[] = [];
    let retries = 0;
    const { events, sums } = await index(
      { batchSize: 0 },
      {
        onEvent: (event, { pool }) => {
          if (event.code === "indexer.retrying") retries++;
          // With every batch, until it was noticed twice: the last ones may be stored before a connection is ended.
          if (event.code === "indexer.batch-stored" && retries < 2)
            endOfConnections.push(queryRows(pool, END_CONNECTIONS));
        },
      },
    );
    await Promise.all(endOfConnections);
    expect(sums).toEqual(expected);
    expect(events.some((event) => event.code === "indexer.retrying")).toBe(true);
  });

  it("takes requests from the order stream, over every boundary of batches", async () => {
    const orders = [requestWith(500n), requestWith(501n)].map(({ request, digest }, index) => ({
      id: String(index),
      created_at: new Date(Number((blocks[10 * (index + 1)]?.timestamp ?? 0n) * 1000n)).toISOString(),
      order: {
        request: orderJson(request),
        request_digest: `0x${digest.toString("hex")}`,
        signature: `0x${"ab".repeat(65)}`,
      },
    }));
    const server = createServer((asked, response) => {
      const window = new URL(asked.url ?? "/", "http://stream").searchParams;
      const shown = orders.filter(
        ({ created_at }) => created_at > (window.get("after") ?? "") && created_at < (window.get("before") ?? ""),
      );
      response.end(JSON.stringify({ orders: shown, next_cursor: null, has_more: false }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const orderStreamUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const sums = [(await index({ orderStreamUrl })).sums, (await index({ orderStreamUrl, batchSize: 2 })).sums];
      expect(sums[0]?.["proof_requests"]?.rows).toBe((expected["proof_requests"]?.rows ?? 0n) + 2n);
      expect(sums[0]?.["request_status"]?.rows).toBe((expected["request_status"]?.rows ?? 0n) + 2n);
      expect(sums[1]).toEqual(sums[0]);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("stops at once, whatever it waits for", async () => {
    const { events } = await index(
      { endBlock: undefined, intervalSeconds: 3600 },
      { clock: systemClock, onEvent: (event, { stop }) => void (event.code === "indexer.progress" && stop()) },
    );
    expect(events.at(-1)?.code).toBe("indexer.progress");
  });

  it("sets a log that is no event aside with its reason, counted and told, and stores the others", async () => {
    chain.bend.set("eth_getLogs", (logs) =>
      (logs as Array<Record<string, unknown>>).map((log) =>
        (log["topics"] as string[])[0] === marketEvents.Deposit.topic0 ? { ...log, data: "0x" } : log,
      ),
    );
    const { events, sums } = await index({ bloomCheck: "window" });
    chain.bend.clear();
    const deposits = expected["deposit_events"]?.rows ?? 0n;
    expect(sums).toMatchObject({
      dead_letters: { rows: deposits },
      deposit_events: { rows: 0n },
      request_status: expected["request_status"],
    });
    const standing = events.findLast((event) => event.code === "indexer.standing");
    expect(standing).toMatchObject({ deadLetters: deposits });
  });

  it("takes the head of the slower endpoint when logs come from another", async () => {
    const slow = await startRpcChain(blocks);
    try {
      slow.head = last - 20n;
      const { events, sums } = await index(
        { logsRpcUrls: [slow.url], batchSize: 15 },
        {
          onEvent: (event) => void (event.code === "indexer.progress" && event.lagBlocks === 0n && (slow.head = last)),
        },
      );
      expect(sums).toEqual(expected);
      expect(events.filter((event) => event.code === "indexer.batch-stored").length).toBeGreaterThan(4);
    } finally {
      await slow.close();
    }
  });

  it.each<[string, Partial<IndexerRunConfig>, { name: string; exit: number }]>([
    ["another chain id", { chainId: 1 }, { name: "WrongChainId", exit: 1 }],
    ["no contract there", { marketAddress: `0x${"01".repeat(20)}` }, { name: "MarketNotFound", exit: 1 }],
    [
      "no database there",
      { database: new Secret("postgres://me:pw@127.0.0.1:1/nothing") },
      { name: "PostgresUnreachable", exit: 69 },
    ],
    ["no endpoint there", { rpcUrls: ["http://127.0.0.1:1"] }, { name: "RpcUnreachable", exit: 69 }],
  ])("refuses to start with %s", async (_title, changes, error) => {
    await expect(index(changes)).rejects.toMatchObject({ ...error, remedy: expect.stringMatching(/\w/) });
  });

  it("refuses a database that holds another market", async () => {
    const database = await openMarketDatabase();
    await queryRows(database.pool, "insert into market_identity (chain_id, market_address) values (1, $1)", [
      Buffer.alloc(20, 9),
    ]);
    const run = runIndexer(configFor(database), { signal: new AbortController().signal });
    await expect(run).rejects.toMatchObject({ name: "MarketMismatch", exit: 1 });
    await database.close();
  });
});
