// `tidegate indexer dead-letters`, as a person runs it.
import { openMarketDatabase, type MarketDatabase } from "@tidegate/market-indexer/testing";
import { queryRows } from "@tidegate/postgres";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runTidegate } from "../installation/run-tidegate.ts";

let database: MarketDatabase;
beforeAll(async () => {
  database = await openMarketDatabase();
});
afterAll(async () => database.close());

async function run(...args: string[]): ReturnType<typeof runTidegate> {
  return runTidegate(["indexer", "dead-letters", ...args], { DATABASE_URL: database.url.reveal() });
}

describe("tidegate indexer dead-letters", () => {
  it("says that there are none, lists those that there are, and tries them again", async () => {
    const none = await run("ls");
    expect([none.exit, none.stdout], none.stderr).toEqual([0, ""]);
    expect(none.stderr).toContain("There are no dead letters");

    await queryRows(
      database.pool,
      `insert into market_identity values (true, 31337, '\\x${"01".repeat(20)}');
       insert into unfinalized_blocks values (7, '\\x${"02".repeat(32)}', '\\x${"03".repeat(32)}', 1000);
       insert into last_block values (0, 7, 1000);
       insert into dead_letters (block_number, log_index, block_timestamp, tx_hash, topics, data, event, reason)
       values (7, 3, 1000, '\\x${"04".repeat(32)}', array['\\x${"05".repeat(32)}'::bytea], '\\x', 'Deposit', 'its data is too short')`,
    );
    const listed = await run("ls");
    expect(listed.stdout).toMatch(/^BLOCK +LOG +EVENT +TRIES +REASON\n7 +3 +Deposit +1 +its data is too short\n$/);
    const json = JSON.parse((await run("ls", "--json")).stdout) as unknown;
    expect(json).toMatchObject({ total: 1, deadLetters: [{ block: 7, logIndex: 3, tries: 1 }] });

    const retried = await run("retry", "--block", "7", "--log-index", "3");
    expect([retried.exit, retried.stdout]).toEqual([1, ""]);
    expect(retried.stderr).toContain("1 tried, 0 stored as events, 1 dead letters left.");
    expect((await run("ls")).stdout).toMatch(/7 +3 +unknown +2 +its first topic/);
  });

  it("tells bad input, a database without a market and one that is not there, each with its exit code", async () => {
    const bad = await run("retry", "--block", "7");
    expect([bad.exit, bad.code]).toEqual([64, "config.invalid"]);
    const empty = await createTestDatabase();
    const url = { DATABASE_URL: empty.url.reveal() };
    const unknown = await runTidegate(["indexer", "dead-letters", "ls"], url);
    expect([unknown.exit, unknown.code]).toEqual([1, "market-indexer.not-indexed"]);
    await empty.drop();
    const gone = await runTidegate(["indexer", "dead-letters", "ls"], url);
    expect(gone.exit).not.toBe(0);
    expect(gone.remedy).toMatch(/\w/);
  });
});
