// The program market-indexer as a supervisor meets it: exit codes, health, stop; and SIGKILL at random moments.
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { seededRandom } from "@tidegate/kernel";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startIndexerProcess, type IndexerProcess } from "./testing/indexer-process.ts";
import { openMarketDatabase, sumTables, type MarketDatabase } from "./testing/market-database.ts";
import { seed } from "./testing/market-arbitraries.ts";
import { MARKET_ADDRESS, randomHistory } from "./testing/random-history.ts";
import { startRpcChain, type RpcChain } from "./testing/rpc-chain.ts";

const { blocks } = randomHistory(seededRandom(seed), 120);
const first = String(blocks[0]?.number);
const last = String(blocks.at(-1)?.number);

let chain: RpcChain;
let database: MarketDatabase;
beforeEach(async () => {
  [chain, database] = await Promise.all([startRpcChain(blocks), openMarketDatabase()]);
});
afterEach(async () => {
  await Promise.all([chain.close(), database.close()]);
});

function start(args: readonly string[] = [], env: Record<string, string> = {}, into = database): IndexerProcess {
  return startIndexerProcess(["--start-block", first, ...args], {
    ETH_RPC_URL: chain.url,
    BOUNDLESS_MARKET_ADDRESS: MARKET_ADDRESS,
    DATABASE_URL: into.url.reveal(),
    CHAIN_ID: "31337",
    ...env,
  });
}

async function freePort(): Promise<{ port: number; readonly free: () => Promise<void> }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, free: async () => void (await new Promise((resolve) => server.close(resolve))) };
}

describe("the program market-indexer", () => {
  it("ends with 0 at the end block", async () => {
    await using program = start(["--end-block", last]);
    expect(await program.ended).toBe(0);
    expect(JSON.parse(await program.line('"Stopped"'))).toMatchObject({ indexedBlock: last, lagBlocks: "0" });
  });

  it("shows health and metrics, and ends with 0 on SIGTERM", async () => {
    const { port, free } = await freePort();
    await free();
    await using program = start([], { MARKET_INDEXER_HEALTH_PORT: String(port) });
    await program.line('"Progress"');
    const health = await fetch(`http://127.0.0.1:${port}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({
      status: "healthy",
      service: "market-indexer",
      head: Number(last),
      indexedBlock: Number(last),
      lagBlocks: 0,
    });
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain(`indexer_last_block ${last}\n`);
    expect((await fetch(`http://127.0.0.1:${port}/else`)).status).toBe(404);
    program.child.kill("SIGTERM");
    expect(await program.ended).toBe(0);
  });

  it("answers 503 while it starts", async () => {
    const { port, free } = await freePort();
    await free();
    chain.failAlways({ kind: "hang" });
    await using program = start([], { PORT: String(port) });
    await expect
      .poll(async () => (await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.status, {
        timeout: 10_000,
      })
      .toBe(503);
    program.child.kill("SIGINT");
    expect(await program.ended).toBe(0);
  });

  it("is refused beside another one, which is named", async () => {
    await using running = start();
    await running.line('"Indexing"');
    await using second = start();
    expect(await second.ended).toBe(75);
    expect(JSON.parse(await second.line("already-running"))).toMatchObject({
      message: expect.stringContaining(`"market-indexer ${running.child.pid} writer lock"`),
    });
  });

  it("tells bad input with its exit code and a remedy, and no secret", async () => {
    const taken = await freePort();
    const cases: ReadonlyArray<[readonly string[], Record<string, string>, number, string]> = [
      [["--intervall", "3"], {}, 64, "did you mean --interval"],
      [["--boundless-market-address", "0x12"], {}, 64, "must be an address"],
      [["--retries", "0"], { ETH_RPC_URL: "http://127.0.0.1:1" }, 69, "127.0.0.1:1"],
      [[], { DATABASE_URL: "postgres://me:hunter2@127.0.0.1:1/none" }, 69, "127.0.0.1:1"],
      [[], { CHAIN_ID: "1" }, 1, "serves chain 31337, not chain 1"],
      [["--health-port", String(taken.port)], {}, 69, `Port ${taken.port}`],
    ];
    for (const [args, env, code, text] of cases) {
      await using program = start(args, env);
      expect(`${text}: ${await program.ended}`).toBe(`${text}: ${code}`);
      expect(JSON.parse(program.lines.at(-1) ?? "{}")).toMatchObject({
        level: "error",
        message: expect.stringContaining(text),
        remedy: expect.stringMatching(/\w/),
      });
      expect(program.lines.join()).not.toContain("hunter2");
    }
    await taken.free();
  });

  it("warns of settings without effect, and writes plain lines when asked", async () => {
    await using program = start(["--end-block", last, "--cache-uri", "file:///tmp", "--log-json", "false"]);
    expect(await program.ended).toBe(0);
    expect(program.lines[0]).toMatch(/ WARN {2}main#settings: --cache-uri has no effect in this version/);
  });
});

describe(`SIGKILL (seed ${seed})`, () => {
  it("at random moments leaves nothing half stored, and the next run goes on", { timeout: 120_000 }, async () => {
    const undisturbed = await openMarketDatabase();
    try {
      await using calm = start(["--end-block", last], {}, undisturbed);
      expect(await calm.ended).toBe(0);
      const random = seededRandom(seed);
      const args = ["--batch-size", "0", "--end-block", last];
      let kills = 0;
      while (kills < 7) {
        await using victim = start(args);
        let calls = random.integer(2, 14);
        // Between this call and some milliseconds later lie fetching, storing and committing.
        chain.bend.set("eth_getLogs", (answer) => {
          if (--calls === 0) setTimeout(() => victim.child.kill("SIGKILL"), random.integer(0, 25));
          return answer;
        });
        expect(await victim.ended).toBe(null);
        kills++;
      }
      chain.bend.clear();
      await using final = start(args);
      expect(await final.ended).toBe(0);
      expect(await sumTables(database.pool)).toEqual(await sumTables(undisturbed.pool));
    } finally {
      await undisturbed.close();
    }
  });
});
