import { execFileSync } from "node:child_process";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPool } from "../connection/create-pool.ts";
import { queryRows } from "../connection/query-rows.ts";
import { startEmbedded, type EmbeddedServer } from "./start-embedded.ts";
import { createTestFolder, type TestFolder } from "./test-folder.ts";

const isRoot = process.getuid?.() === 0;

let folder: TestFolder;
let disk: string;
beforeEach(async () => {
  folder = await createTestFolder();
  disk = join(folder.path, "disk");
  await mkdir(disk, { mode: 0o711 });
});
afterEach(async () => {
  await folder.stop();
  if (isRoot) execFileSync("umount", [disk]);
  await folder.remove();
});

function mountDisk(megabytes: number): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0711`, "tidegate-test", disk]);
}

async function start(): Promise<EmbeddedServer> {
  const logFile = join(folder.path, "server.log");
  return folder.note(await startEmbedded({ dataDir: join(disk, "data"), port: 0, durable: false, logFile }));
}

test.skipIf(!isRoot)(
  "initdb on a disk that is too small: named, and nothing is left (needs root, to mount a tmpfs)",
  async () => {
    mountDisk(20);
    await expect(start()).rejects.toMatchObject({
      name: "PostgresDiskFull",
      exit: 69,
      retry: "later",
      message: expect.stringContaining(disk) as string,
    });
    expect((await readdir(join(disk, "data"))).sort()).toEqual(["password"]);
  },
);

test.skipIf(!isRoot)(
  "a disk that fills up under a running server, and at the next start (needs root, to mount a tmpfs)",
  async () => {
    mountDisk(120);
    const server = await start();
    const pool = createPool({ url: server.url, applicationName: "disk full", max: 1, onEvent: () => undefined });
    await queryRows(pool, "CREATE TABLE ledger AS SELECT generate_series(1, 1000) AS id");
    // Unlogged: the table fills the disk. When it is the WAL that does, the server ends with PANIC and recovers at the next start.
    const fill = "CREATE UNLOGGED TABLE big AS SELECT generate_series(1, 3000000) AS id, repeat('x', 100) AS text";
    const error = await queryRows(pool, fill).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "PostgresDiskFull", exit: 69 });
    expect(await queryRows(pool, "SELECT count(*) AS n FROM ledger")).toEqual([{ n: 1000n }]);
    await pool.end();
    await server.stop("fast");

    const ballast = join(disk, "ballast");
    await writeFile(ballast, Buffer.alloc(120 * 2 ** 20)).catch((thrown: unknown) => {
      expect(thrown).toMatchObject({ code: "ENOSPC" });
    });
    await expect(start()).rejects.toMatchObject({ name: "PostgresDiskFull", exit: 69 });

    await rm(ballast);
    const again = await start();
    const later = createPool({ url: again.url, applicationName: "disk free", max: 1, onEvent: () => undefined });
    expect(await queryRows(later, "SELECT count(*) AS n FROM ledger")).toEqual([{ n: 1000n }]);
    await later.end();
  },
);
