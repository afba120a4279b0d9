import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { Secret, waitUntil } from "@tidegate/kernel";
import { expect, test } from "vitest";
import { createPool } from "../connection/create-pool.ts";
import { queryRows } from "../connection/query-rows.ts";
import { identifyProcess } from "../embedded/process-table.ts";

/** A run in another process: starts a test server, prints its URL and the server's pid and folder, then waits. */
const RUN = `
  import { createPool, queryRows } from "@tidegate/postgres";
  import { startTestServer } from "@tidegate/postgres/testing";
  const server = await startTestServer();
  const pool = createPool({ url: server.url, applicationName: "run" });
  const sql = "SELECT current_setting('data_directory') AS dir, (regexp_split_to_array(pg_read_file('postmaster.pid'), E'\\\\n'))[1]::int AS pid";
  const [row] = await queryRows(pool, sql);
  await pool.end();
  process.stdout.write(JSON.stringify({ ...row, url: server.url.reveal() }) + "\\n");
  process.stdin.once("data", () => void server.stop().then(() => process.exit(0)));
`;

interface Facts {
  readonly dir: string;
  readonly pid: number;
  readonly url: string;
}

async function startRun(): Promise<{ child: ReturnType<typeof spawn>; facts: Facts }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", RUN], {
    cwd: import.meta.dirname,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, facts: JSON.parse(line.toString()) as Facts };
}

function isGone(facts: Facts): true | undefined {
  // dir is FOLDER/data/cluster
  return identifyProcess(facts.pid) === undefined && !existsSync(dirname(dirname(facts.dir))) ? true : undefined;
}

test("a run that ends in order leaves neither server nor folder", async () => {
  const { child, facts } = await startRun();
  const pool = createPool({ url: new Secret(facts.url), applicationName: "test" });
  expect(await queryRows(pool, "SELECT current_setting('max_connections') AS max")).toEqual([{ max: "200" }]);
  await pool.end();
  child.stdin?.write("stop");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(isGone(facts)).toBe(true);
});

test("a run that is killed with -9 leaves neither, a moment later", async () => {
  const { child, facts } = await startRun();
  expect(identifyProcess(facts.pid)?.command).toBe("postgres");
  child.kill("SIGKILL");
  await once(child, "exit");
  await waitUntil(() => isGone(facts), { what: "The end of the abandoned server", limitMs: 20_000, remedy: "" });
});
