// Dead letters that decode later become what they should have been; the program and its exit codes.
import { execFile as execFileWithCallback } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { hexToBuffer } from "@tidegate/chain";
import type { FaultServer } from "@tidegate/chain/testing";
import { seededRandom, waitUntil } from "@tidegate/kernel";
import { queryRows } from "@tidegate/postgres";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createForkChain, type ForkChain } from "../testing/fork-chain.ts";
import { startForkEndpoint } from "../testing/fork-endpoint.ts";
import { indexToHead } from "../testing/index-fork-chain.ts";
import { seed } from "../testing/market-arbitraries.ts";
import { openMarketDatabase, sumTables, type MarketDatabase } from "../testing/market-database.ts";
import { retryDeadLetters } from "./retry-dead-letters.ts";

const WAITING_FOR_ROW =
  "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%last_block%for update%' and state = 'active'";

const execFile = promisify(execFileWithCallback);
const PROGRAM = fileURLToPath(new URL("main.ts", import.meta.url));

let chain: ForkChain;
let endpoint: FaultServer;
let database: MarketDatabase;
let truth: MarketDatabase;

beforeEach(async () => {
  chain = createForkChain(seededRandom(seed), { brokenRate: 0 });
  chain.mine(60);
  const calm = { random: seededRandom(1), faultRate: () => 0, lieRate: () => 0 };
  [endpoint, database, truth] = await Promise.all([
    startForkEndpoint({ chain, ...calm }),
    openMarketDatabase(),
    openMarketDatabase(),
  ]);
  await indexToHead(truth, endpoint);
  // Every second log comes in a form that this release does not know.
  const unknown = await startForkEndpoint({
    chain,
    ...calm,
    bendLogs: (logs) =>
      logs.map((log) => ((Number(log.logIndex) + Number(log.blockNumber)) % 2 === 0 ? { ...log, data: "0x" } : log)),
  });
  await indexToHead(database, unknown);
  await unknown.close();
});
afterEach(async () => {
  await Promise.all([endpoint.close(), database.close(), truth.close()]);
});

/** The data as a release that knows it would read it. */
async function becomeKnown(): Promise<void> {
  for (const { blockNumber, logIndex, data } of chain.blocks.flatMap((block) => block.logs)) {
    await queryRows(database.pool, "update dead_letters set data = $3 where block_number = $1 and log_index = $2", [
      BigInt(blockNumber),
      Number(logIndex),
      hexToBuffer(data),
    ]);
  }
}

async function run(args: readonly string[], url = database.url): Promise<{ code: number; answer: unknown }> {
  const env = { PATH: process.env["PATH"] ?? "", DATABASE_URL: url.reveal() };
  return execFile(process.execPath, [PROGRAM, ...args], { env }).then(
    ({ stdout }) => ({ code: 0, answer: JSON.parse(stdout) as unknown }),
    (error: { code: number; stdout: string }) => ({ code: error.code, answer: JSON.parse(error.stdout) as unknown }),
  );
}

describe(`dead letters (seed ${seed})`, () => {
  it("stay, with one try more, while they do not decode", async () => {
    const before = await sumTables(database.pool);
    const retried = await retryDeadLetters(database.pool);
    expect(retried.tried).toBeGreaterThan(10);
    expect(retried.stored).toBe(0);
    expect(await sumTables(database.pool)).toEqual(before);
    const tries = await queryRows(database.pool, "select distinct tries from dead_letters");
    expect(tries).toEqual([{ tries: 2 }]);
  });

  it("become the events, requests and statuses that they should have been", async () => {
    await becomeKnown();
    const retried = await retryDeadLetters(database.pool);
    expect(retried.stored).toBe(retried.tried);
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
  });

  it("become that also while the indexer moves on under them", async () => {
    await becomeKnown();
    // As the indexer's: it holds the row, and what it commits moves the block and its kept hash.
    const indexer = await database.pool.connect();
    await indexer.query("begin");
    await indexer.query("select from last_block for update");
    const retrying = retryDeadLetters(database.pool);
    await waitUntil(
      async () => {
        const [waiting] = await queryRows(truth.pool, WAITING_FOR_ROW);
        return waiting === undefined ? undefined : true;
      },
      { what: "The retry waiting for the row", limitMs: 10_000, remedy: "" },
    );
    await indexer.query(
      `insert into unfinalized_blocks select block_number + 1, sha256(block_hash), block_hash, block_timestamp
         from unfinalized_blocks order by 1 desc limit 1;
       delete from unfinalized_blocks where block_number = (select block from last_block);
       update last_block set block = block + 1; commit`,
    );
    indexer.release();
    const retried = await retrying;
    expect(retried.stored).toBe(retried.tried);
    expect(retried.stored).toBeGreaterThan(10);
  });

  it("are listed and retried by the program, all or one", async () => {
    const listed = await run(["ls", "--limit", "2"]);
    expect(listed).toMatchObject({
      code: 0,
      answer: {
        total: expect.any(Number),
        deadLetters: [{ tries: 1, data: "0x", reason: expect.stringMatching(/\w/) }, {}],
      },
    });
    const { total, deadLetters } = listed.answer as {
      total: number;
      deadLetters: { block: number; logIndex: number }[];
    };
    // What does not decode ends it with 1, as the command does.
    expect(await run(["retry"])).toEqual({ code: 1, answer: { tried: total, stored: 0, left: total } });
    expect(await run(["retry", "--block", "1", "--log-index", "0"])).toMatchObject({
      code: 1,
      answer: { error: { code: "market-indexer.dead-letter-not-found" } },
    });
    await becomeKnown();
    const one = ["--block", String(deadLetters[1]?.block), "--log-index", String(deadLetters[1]?.logIndex)];
    expect(await run(["retry", ...one])).toEqual({ code: 0, answer: { tried: 1, stored: 1, left: total - 1 } });
    expect(await run(["retry"])).toEqual({ code: 0, answer: { tried: total - 1, stored: total - 1, left: 0 } });
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
  });

  it("tells bad input and a database without a market, with exit codes", async () => {
    expect(await run(["lst"])).toMatchObject({
      code: 64,
      answer: { error: { message: expect.stringContaining("ls or retry") } },
    });
    expect(await run(["ls", "--block", "1"])).toMatchObject({ code: 64 });
    const empty = await createTestDatabase();
    expect(await run(["ls"], empty.url)).toMatchObject({
      code: 1,
      answer: { error: { code: "market-indexer.not-indexed" } },
    });
    await empty.drop();
  });
});
