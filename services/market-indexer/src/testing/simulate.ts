// One simulated life of an indexer: a chain that is reorganised while it is indexed, through endpoints that fail and lie.
import { seededRandom, type Random } from "@tidegate/kernel";
import { expect } from "vitest";
import type { IndexerEvent } from "../events.ts";
import { createForkChain, FIRST_BLOCK, type ForkChain } from "./fork-chain.ts";
import { startForkEndpoint } from "./fork-endpoint.ts";
import { indexToHead, indexUntil, type ForkChainConfig } from "./index-fork-chain.ts";
import { countForgotten, emptyTables, sumTables, type MarketDatabase } from "./market-database.ts";
import type { OffchainRequest } from "../types.ts";
import { naiveStatuses } from "./naive-statuses.ts";
import { startOrderEndpoint } from "./order-endpoint.ts";
import { readStatuses } from "./store-in-batches.ts";

/** Less than the --reorg-depth: no reorganisation goes further back than this from the highest block that ever was. */
const DEEPEST = 12n;

export interface Simulated {
  readonly reorgs: number;
  readonly refused: number;
  readonly deadLetters: number;
  readonly events: number;
}

export interface Databases {
  readonly lived: MarketDatabase;
  readonly truth: MarketDatabase;
}

/** Runs it and expects that the tables equal those of an indexer that saw only the final chain, and the naive reading of it. */
export async function simulate(seed: number, databases: Databases): Promise<Simulated> {
  const random = seededRandom(seed);
  const chain = createForkChain(random);
  chain.mine(random.integer(5, 40));
  await Promise.all([emptyTables(databases.lived.pool), emptyTables(databases.truth.pool)]);
  const context = `SEED=${seed}`;
  const orders = random.next() < 0.4 ? randomOrders(chain, random) : undefined;
  const seen = await live({ chain, random, orders }, databases.lived).catch((cause: unknown) => {
    throw new Error(`${context}: it ended with an error`, { cause });
  });
  await indexFinalChain(chain, orders, databases.truth);

  expect(await sumTables(databases.lived.pool), context).toEqual(await sumTables(databases.truth.pool));
  const events = chain.blocks.flatMap((block) => block.events);
  expect(await countForgotten(databases.lived.pool), context).toBe(0n);
  const shown = orders?.filter(({ createdAt }) => createdAt <= chain.head.timestamp) ?? [];
  const naive = naiveStatuses(events, shown, chain.head.timestamp);
  const stored = await readStatuses(databases.lived.pool);
  expect(stored, context).toEqual(stored.map((row) => naive.get(row.request_digest)));
  expect(stored.length, context).toBe(naive.size);
  const logs = chain.blocks.flatMap((block) => block.logs);
  return { ...seen, deadLetters: logs.length - events.length, events: events.length };
}

/** All of times that the first block is surely before. */
function randomOrders({ requests }: ForkChain, random: Random): readonly OffchainRequest[] {
  return Array.from({ length: random.integer(1, 8) }, () => {
    const createdAt = BigInt(random.integer(1_005, 1_500));
    return { ...random.pick(requests), clientSignature: Buffer.alloc(65, 9), createdAt };
  });
}

interface Script {
  /** Called for each request: now and then the chain changes, until it is final. */
  readonly onRequest: () => void;
  readonly isFinal: () => boolean;
}

function script(chain: ForkChain, random: Random): Script {
  let changes = random.integer(10, 40);
  let highest = chain.head.number;
  let latest = chain.head.timestamp;
  const change = (): void => {
    const floor = highest - DEEPEST < FIRST_BLOCK - 1n ? FIRST_BLOCK - 1n : highest - DEEPEST;
    const deepest = Number(chain.head.number - floor);
    const depth = random.integer(0, Math.max(0, deepest));
    const what = random.next();
    if (what < 0.45 || depth === 0) chain.mine(random.integer(1, 5));
    else if (what < 0.9) chain.reorganise(depth, random.integer(0, 3));
    else chain.shrink(depth);
    if (chain.head.number > highest) highest = chain.head.number;
    if (chain.head.timestamp > latest) latest = chain.head.timestamp;
  };
  return {
    onRequest: () => {
      if (changes === 0 || random.next() > 0.25) return;
      changes--;
      change();
      if (changes > 0) return;
      // What is indexed must be more than nothing, and hold all orders that were ever read.
      do chain.mine(3);
      while (chain.head.timestamp < latest);
    },
    isFinal: () => changes === 0,
  };
}

interface World {
  readonly chain: ForkChain;
  readonly random: Random;
  /** Of the order stream; undefined where there is none. */
  readonly orders: readonly OffchainRequest[] | undefined;
}

async function live(
  { chain, random, orders }: World,
  database: MarketDatabase,
): Promise<Pick<Simulated, "reorgs" | "refused">> {
  const { onRequest, isFinal } = script(chain, random);
  // Faults and lies end some time after the chain is final, so that the indexer comes to an end.
  let after = random.integer(0, 60);
  const rates = { fault: random.pick([0, 0.05, 0.15]), lie: random.pick([0, 0.02, 0.06]) };
  const isCalm = (): boolean => isFinal() && after <= 0;
  const strategy = random.pick(["tx-by-hash", "block-receipts"] as const);
  const maxBlocks = random.pick([Number.POSITIVE_INFINITY, 3, 10]);
  const endpoints = await Promise.all(
    Array.from({ length: random.integer(1, 3) }, async () =>
      startForkEndpoint({
        chain,
        random,
        faultRate: () => (isCalm() ? 0 : rates.fault),
        lieRate: () => (isCalm() ? 0 : rates.lie),
        onRequest: () => {
          if (isFinal()) after--;
          onRequest();
        },
        maxBlocks,
        hasReceipts: strategy === "block-receipts" || random.next() < 0.7,
        mayOmitAnyLog: strategy === "block-receipts",
      }),
    ),
  );
  const stream =
    orders && (await startOrderEndpoint({ orders, random, faultRate: () => (isCalm() ? 0 : rates.fault) }));
  const urls = endpoints.map(({ url }) => url);
  const hasOtherForLogs = urls.length > 1 && random.next() < 0.3;
  const config: ForkChainConfig = {
    rpcUrls: hasOtherForLogs ? urls.slice(1) : urls,
    logsRpcUrls: hasOtherForLogs ? urls.slice(0, 1) : undefined,
    txFetchStrategy: strategy,
    batchSize: random.pick([0, 1, 4, 20, 9999]),
    enoughLogs: random.pick([1, 8, 8_000]),
    orderStreamUrl: stream?.url,
    ...random.pick(BLOOM_CHECKS_HERE),
  };
  try {
    return await liveOn(random, database, config, chain, isCalm);
  } finally {
    await Promise.all([...endpoints, stream].map(async (one) => one?.close()));
  }
}

/** Less is asked of blocks before the window where not all blooms are checked: then all blocks are in it. */
const BLOOM_CHECKS_HERE: readonly Partial<ForkChainConfig>[] = [
  { bloomCheck: "all" },
  { bloomCheck: "all" },
  { bloomCheck: "window", reorgDepth: 256 },
  { bloomCheck: "off", reorgDepth: 256 },
];

/** Stopped now and then, at any moment, and started again; the last time it comes to its end. */
async function liveOn(
  random: Random,
  database: MarketDatabase,
  config: ForkChainConfig,
  chain: ForkChain,
  isCalm: () => boolean,
): Promise<Pick<Simulated, "reorgs" | "refused">> {
  const seen: IndexerEvent[] = [];
  for (let stops = random.pick([0, 0, 1, 2]); stops > 0; stops--) {
    let left = random.integer(1, 60);
    seen.push(...(await indexUntil(database, config, () => isCalm() || left-- === 0)));
  }
  seen.push(...(await runUntilCalm(database, config, chain, isCalm)));
  const count = (code: IndexerEvent["code"]): number => seen.filter((event) => event.code === code).length;
  return { reorgs: count("indexer.reorg-undone"), refused: count("indexer.retrying") };
}

/** Ends when the indexer has looked at the final head three times without a change. */
async function runUntilCalm(
  database: MarketDatabase,
  config: ForkChainConfig,
  chain: ForkChain,
  isCalm: () => boolean,
): Promise<IndexerEvent[]> {
  let looks = 0;
  return indexUntil(database, config, (event) => {
    if (event.code !== "indexer.progress") return false;
    const isAtEnd = isCalm() && event.head === chain.head.number && event.indexedBlock === event.head;
    looks = isAtEnd ? looks + 1 : 0;
    return looks === 3;
  });
}

async function indexFinalChain(chain: ForkChain, orders: World["orders"], database: MarketDatabase): Promise<void> {
  const calm = { random: seededRandom(1), faultRate: () => 0, lieRate: () => 0 };
  const endpoint = await startForkEndpoint({ chain, ...calm });
  const stream = orders && (await startOrderEndpoint({ orders, ...calm }));
  try {
    await indexToHead(database, endpoint, { orderStreamUrl: stream?.url });
  } finally {
    await Promise.all([endpoint.close(), stream?.close()]);
  }
}
