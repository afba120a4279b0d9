import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, chownSync, constants } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestFolder, type TestFolder } from "./test-folder.ts";

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
});
afterEach(() => folder.remove());

/** Starts, stops and starts again, as whoever runs it; prints what came out. */
const PROGRAM = `
  import { createPool, queryRows, startEmbedded } from "@tidegate/postgres";
  const [dataDir, logFile] = process.argv.slice(1);
  const first = await startEmbedded({ dataDir, port: 0, logFile });
  await first.stop("fast");
  const second = await startEmbedded({ dataDir, port: 0, logFile });
  const pool = createPool({ url: second.url, applicationName: "normal user" });
  const [row] = await queryRows(pool, "SELECT current_setting('data_directory') AS dir");
  await pool.end();
  await second.stop("fast");
  process.stdout.write(JSON.stringify({ uid: process.getuid(), dir: row.dir, alive: second.alive() }));
`;

/** As root the test takes another user's place; the sources must be readable to that user. */
function isReachable(): boolean {
  try {
    accessSync(import.meta.dirname, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!isReachable())("a normal user's server runs as that user, in the folder it was given", async () => {
  const home = join(folder.path, "home");
  await mkdir(home, { mode: 0o700 });
  if (isRoot) chownSync(home, NOBODY, NOBODY);
  const dataDir = join(home, "data");
  const child = spawn(process.execPath, ["--input-type=module", "--eval", PROGRAM, dataDir, join(home, "server.log")], {
    cwd: import.meta.dirname,
    env: { PATH: process.env["PATH"], HOME: home },
    stdio: ["ignore", "pipe", "inherit"],
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => void (output += chunk.toString()));
  expect(await once(child, "close")).toEqual([0, null]);
  expect(JSON.parse(output)).toEqual({
    uid: isRoot ? NOBODY : process.getuid?.(),
    dir: join(dataDir, "cluster"),
    alive: false,
  });
});
