// `npm run build`: the programs run from build/ alone, without the sources beside them, and apply their migrations.
import { execFile as execFileWithCallback } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestChain } from "@tidegate/chain/testing";
import { MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { deployMarket } from "@tidegate/market-example";
import { createRpcClient } from "@tidegate/chain";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { Client } from "pg";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const execFile = promisify(execFileWithCallback);

const root = new URL("../../", import.meta.url).pathname;

it("indexes from build/ in a folder without sources or packages", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-build-"));
  const chain = await startTestChain();
  const database = await createTestDatabase();
  const rpc = createRpcClient({ urls: [chain.url] });
  try {
    await execFile("npm", ["run", "build", "-w", "@tidegate/market-indexer"], { cwd: root });
    cpSync(join(root, "services/market-indexer/build"), folder, { recursive: true });
    const market = await deployMarket(rpc, { mine: async () => chain.mine() });
    // Not spawnSync: the chain's gate lives in this process and must go on answering.
    const run = async (program: string, ...flags: string[]): Promise<number> => {
      const options = {
        cwd: folder,
        timeout: 60_000,
        killSignal: "SIGKILL",
        env: { DATABASE_URL: database.url.reveal() },
      } as const;
      return execFile(process.execPath, [join(folder, program), ...flags], options).then(
        () => 0,
        (error: { code?: number | string }) => Number(error.code ?? Number.NaN),
      );
    };
    expect(
      await run(
        "main.js",
        "--rpc-url",
        chain.url,
        "--boundless-market-address",
        market,
        "--start-block",
        "0",
        "--end-block",
        "1",
      ),
    ).toBe(0);
    const client = new Client({ connectionString: database.url.reveal() });
    await client.connect();
    const { rows } = await client.query("select block from last_block where id = 0");
    await client.end();
    expect(rows).toEqual([{ block: "1" }]);
    expect(await run("main.js", "--prot", "1")).toBe(64);
    expect(await run("api.js", "--port", "many")).toBe(64);
  } finally {
    await rpc.close();
    await database.drop();
    await chain.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

it("takes Bazooka's settings of each stage from the files beside its handler", async () => {
  // As deployed: the handler's folder holds what the build made, and nothing above it is ours.
  const folder = mkdtempSync(join(tmpdir(), "tidegate-build-"));
  try {
    await execFile("npm", ["run", "build", "-w", "@tidegate/bazooka"], { cwd: root });
    cpSync(join(root, "services/bazooka/build"), join(folder, "task"), { recursive: true });
    writeFileSync(join(folder, ".env"), "PG_POOL_MAX=77\n");
    const program = `
      import { loadConfig } from "./task/index.js";
      const of = (env) => { const { poolMax, sendBugsnagErrors } = loadConfig(env); return { poolMax, sendBugsnagErrors }; };
      console.log(JSON.stringify(["production", "test", ""].map((NODE_ENV) => of({ NODE_ENV }))));`;
    writeFileSync(join(folder, "look.mjs"), program);
    const { stdout } = await execFile(process.execPath, [join(folder, "look.mjs")], { cwd: folder, timeout: 30_000 });
    expect(JSON.parse(stdout)).toEqual([
      { poolMax: 10, sendBugsnagErrors: true },
      { poolMax: 2, sendBugsnagErrors: false },
      { poolMax: 2, sendBugsnagErrors: true },
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it("runs Bazooka durably on its own database from build/, also with NODE_ENV=production", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-build-"));
  const database = await createTestDatabase();
  try {
    await execFile("npm", ["run", "build", "-w", "@tidegate/bazooka"], { cwd: root });
    cpSync(join(root, "services/bazooka/build"), folder, { recursive: true });
    cpSync(MIGRATIONS_DIR, join(folder, "migrations"), { recursive: true });
    const program = `
      import { handler } from "./index.js";
      const answer = await handler({ migrate: true }, { awsRequestId: "1", getRemainingTimeInMillis: () => 50_000 });
      console.log(JSON.stringify(answer)); process.exit(0);`;
    writeFileSync(join(folder, "invoke.mjs"), program);
    const env = {
      DATABASE_URL: database.url.reveal(),
      BAZOOKA_MIGRATIONS_DIR: join(folder, "migrations"),
      NODE_ENV: "production",
    };
    const { stdout } = await execFile(process.execPath, [join(folder, "invoke.mjs")], {
      cwd: folder,
      env,
      timeout: 60_000,
    });
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toEqual({
      statusCode: 200,
      body: '{"message":"success"}',
    });
    const client = new Client({ connectionString: database.url.reveal() });
    await client.connect();
    const { rows } = await client.query("select state from tidegate_engine.runs");
    const { rows: migrations } = await client.query("select count(*)::int as n from knex_migrations");
    await client.end();
    expect(rows).toEqual([{ state: "succeeded" }]);
    expect(migrations).toEqual([{ n: 5 }]);
  } finally {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
});
