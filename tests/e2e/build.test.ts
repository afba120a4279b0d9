// `npm run build`: the programs run from build/ alone, without the sources beside them, and apply their migrations.
import { execFile as execFileWithCallback } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestChain } from "@tidegate/chain/testing";
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
