// Does the indexer get slower when much is stored? Events per second onto 10 million stored events, against onto none.
import { Secret, waitUntil } from "@tidegate/kernel";
import { createPool, queryRows } from "@tidegate/postgres";
import { URL_VARIABLE } from "@tidegate/postgres/testing";
import { ensureChain, type KeptChain } from "../index-chain/ensure-chain.ts";
import { HISTORY } from "../index-chain/chain-shape.ts";
import { startReplay, type Replay } from "../index-chain/replay/start-replay.ts";
import {
  openMarketDatabase,
  visibleBlock,
  withServer,
  type MarketDatabase,
} from "../index-chain/runs/market-database.ts";
import { startIndexer } from "../index-chain/runs/start-indexer.ts";
import { atLeast, atMost, type Bench } from "../bar.ts";
import { prefill, type BlockBefore } from "./prefill.ts";

/** The issue's own bar. */
const GROWTH_BAR = 0.8;
const LIMIT_MS = 600_000;
const LOOK_EVERY_MS = 10;
const PREFILLED = "bench_prefilled";
const COPIED = "bench_copied";

export const bench: Bench = async ({ isQuick }) => {
  const chain = await ensureChain(HISTORY);
  const replay = await startReplay([chain]);
  const pairs = isQuick ? 1 : 7;
  try {
    return await withServer(async () => {
      const stored = await makePrefilled(chain, replay);
      const samples: Array<{ readonly full: number; readonly empty: number }> = [];
      for (let pair = 0; pair < pairs; pair++) {
        const onto = (what: "full" | "empty"): Promise<number> => eventsPerSecond(chain, replay, what);
        const first = pair % 2 === 0 ? await onto("full") : await onto("empty");
        const second = pair % 2 === 0 ? await onto("empty") : await onto("full");
        const [full, empty] = pair % 2 === 0 ? [first, second] : [second, first];
        samples.push({ full, empty });
      }
      const size = `${chain.facts.events} events onto ${stored} in ${await sizeOfPrefilled()}, and onto none; with statuses, fsync of PostgreSQL off`;
      return [
        atLeast(
          "events/s onto 10 million, to onto none",
          samples.map(({ full, empty }) => full / empty),
          size,
          GROWTH_BAR,
        ),
        atMost(
          "events/s onto 10 million",
          samples.map(({ full }) => full),
          size,
        ),
        atMost(
          "events/s onto none",
          samples.map(({ empty }) => empty),
          size,
        ),
      ];
    });
  } finally {
    await replay.stop();
  }
};

/** The clock begins with the first eth_getLogs that the endpoint sees, and ends when the last row can be seen. */
async function eventsPerSecond(chain: KeptChain, replay: Replay, what: "full" | "empty"): Promise<number> {
  const database = what === "full" ? await copyPrefilled() : await openMarketDatabase();
  const { market, firstBlock, lastBlock, events } = chain.facts;
  try {
    await replay.reset(chain);
    const indexer = startIndexer({
      rpcUrl: replay.url(chain),
      market,
      database,
      startBlock: firstBlock,
      endBlock: lastBlock,
    });
    const visible = waitUntil(async () => ((await visibleBlock(database.pool)) >= lastBlock ? Date.now() : undefined), {
      what: `Block ${lastBlock} visible`,
      limitMs: LIMIT_MS,
      everyMs: LOOK_EVERY_MS,
      remedy: "See the indexer's last lines.",
    });
    visible.catch(() => undefined);
    // A failure of the indexer ends the wait.
    const ended = await Promise.race([visible, indexer.ended.then(() => visible)]);
    await indexer.ended;
    const { firstLogsAt } = await replay.stats(chain);
    return events / ((ended - (firstLogsAt ?? NaN)) / 1_000);
  } finally {
    await database.close();
  }
}

async function makePrefilled(chain: KeptChain, replay: Replay): Promise<number> {
  const begun = performance.now();
  console.error("storing ten million synthetic events …");
  const made = await openMarketDatabase();
  const stored = await prefill(made.pool, chain, await blockBefore(chain, replay));
  const [row] = await queryRows<{ name: string }>(made.pool, "select current_database() as name");
  await made.pool.end();
  await onServer(`alter database "${row?.name}" rename to ${PREFILLED}`);
  console.error(`stored ${stored} events in ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
  return stored;
}

async function blockBefore(chain: KeptChain, replay: Replay): Promise<BlockBefore> {
  const tag = `0x${(chain.facts.firstBlock - 1).toString(16)}`;
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_getBlockByNumber", params: [tag, false] });
  const answer = await fetch(replay.url(chain), { method: "POST", body });
  return ((await answer.json()) as { readonly result: BlockBefore }).result;
}

/** File by file: through the write-ahead log it would take far longer. */
async function copyPrefilled(): Promise<MarketDatabase> {
  await onServer(`create database ${COPIED} template ${PREFILLED} strategy file_copy`);
  const url = new URL(serverUrl());
  url.pathname = `/${COPIED}`;
  const secret = new Secret(url.href);
  const pool = createPool({ url: secret, applicationName: "bench", max: 2, statementTimeoutMs: 0 });
  return {
    url: secret,
    pool,
    close: async () => {
      await pool.end();
      await onServer(`drop database ${COPIED} with (force)`);
    },
  };
}

async function sizeOfPrefilled(): Promise<string> {
  const [row] = await onServer<{ size: string }>(`select pg_size_pretty(pg_database_size('${PREFILLED}')) as size`);
  return row?.size ?? "?";
}

async function onServer<T extends object>(sql: string): Promise<T[]> {
  const pool = createPool({ url: new Secret(serverUrl()), applicationName: "bench", max: 1, statementTimeoutMs: 0 });
  try {
    return await queryRows<T>(pool, sql);
  } finally {
    await pool.end();
  }
}

function serverUrl(): string {
  return process.env[URL_VARIABLE] ?? "";
}
