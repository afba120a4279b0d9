// One simulated life of an indexer: a chain that is reorganised while it is indexed, through endpoints that fail and lie.
import { seededRandom, type Random } from "@tidegate/kernel";
import { expect } from "vitest";
import type { IndexerEvent } from "../events.ts";
import { createForkChain, FIRST_BLOCK, type ForkChain } from "./fork-chain.ts";
import { startForkEndpoint } from "./fork-endpoint.ts";
import { indexToHead, indexUntil, type ForkChainConfig } from "./index-fork-chain.ts";
import { emptyTables, sumTables, type MarketDatabase } from "./market-database.ts";
import { naiveStatuses } from "./naive-statuses.ts";
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
  const seen = await live(chain, random, databases.lived).catch((cause: unknown) => {
    throw new Error(`${context}: it ended with an error`, { cause });
  });
  await indexFinalChain(chain, databases.truth);

  expect(await sumTables(databases.lived.pool), context).toEqual(await sumTables(databases.truth.pool));
  const events = chain.blocks.flatMap((block) => block.events);
  const naive = naiveStatuses(events, [], chain.head.timestamp);
  const stored = await readStatuses(databases.lived.pool);
  expect(stored, context).toEqual(stored.map((row) => naive.get(row.request_digest)));
  expect(stored.length, context).toBe(naive.size);
  const logs = chain.blocks.flatMap((block) => block.logs);
  return { ...seen, deadLetters: logs.length - events.length, events: events.length };
}

interface Script {
  /** Called for each request: now and then the chain changes, until it is final. */
  readonly onRequest: () => void;
  readonly isFinal: () => boolean;
}

function script(chain: ForkChain, random: Random): Script {
  let changes = random.integer(10, 40);
  let highest = chain.head.number;
  const change = (): void => {
    const floor = highest - DEEPEST < FIRST_BLOCK - 1n ? FIRST_BLOCK - 1n : highest - DEEPEST;
    const deepest = Number(chain.head.number - floor);
    const depth = random.integer(0, Math.max(0, deepest));
    const what = random.next();
    if (what < 0.45 || depth === 0) chain.mine(random.integer(1, 5));
    else if (what < 0.9) chain.reorganise(depth, random.integer(0, 3));
    else chain.shrink(depth);
    if (chain.head.number > highest) highest = chain.head.number;
  };
  return {
    onRequest: () => {
      if (changes === 0 || random.next() > 0.25) return;
      changes--;
      change();
      // What is indexed must be more than nothing.
      if (changes === 0) chain.mine(3);
    },
    isFinal: () => changes === 0,
  };
}

async function live(
  chain: ForkChain,
  random: Random,
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
  const urls = endpoints.map(({ url }) => url);
  const hasOtherForLogs = urls.length > 1 && random.next() < 0.3;
  const config: ForkChainConfig = {
    rpcUrls: hasOtherForLogs ? urls.slice(1) : urls,
    logsRpcUrls: hasOtherForLogs ? urls.slice(0, 1) : undefined,
    txFetchStrategy: strategy,
    batchSize: random.pick([0, 1, 4, 20, 9999]),
    enoughLogs: random.pick([1, 8, 8_000]),
  };
  try {
    return await runUntilCalm(database, config, chain, isCalm);
  } finally {
    await Promise.all(endpoints.map(async (endpoint) => endpoint.close()));
  }
}

/** Ends when the indexer has looked at the final head three times without a change. */
async function runUntilCalm(
  database: MarketDatabase,
  config: ForkChainConfig,
  chain: ForkChain,
  isCalm: () => boolean,
): Promise<Pick<Simulated, "reorgs" | "refused">> {
  let looks = 0;
  const events = await indexUntil(database, config, (event) => {
    if (event.code !== "indexer.progress") return false;
    const isAtEnd = isCalm() && event.head === chain.head.number && event.indexedBlock === event.head;
    looks = isAtEnd ? looks + 1 : 0;
    return looks === 3;
  });
  const count = (code: IndexerEvent["code"]): number => events.filter((event) => event.code === code).length;
  return { reorgs: count("indexer.reorg-undone"), refused: count("indexer.retrying") };
}

async function indexFinalChain(chain: ForkChain, database: MarketDatabase): Promise<void> {
  const calm = { chain, random: seededRandom(1), faultRate: () => 0, lieRate: () => 0 };
  const endpoint = await startForkEndpoint(calm);
  try {
    await indexToHead(database, endpoint);
  } finally {
    await endpoint.close();
  }
}
