// initdb, so that a kill at any moment leaves either no cluster or a whole one.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TimedOut } from "@tidegate/kernel";
import { PostgresDiskFull } from "../errors/connection-errors.ts";
import { PostgresDataDirUnusable, PostgresStartFailed } from "../errors/embedded-errors.ts";
import { ROLE } from "./cluster-password.ts";
import { halfMadeName, sweepHalfMade } from "./half-made.ts";
import type { Binaries } from "./prepare-binaries.ts";
import { asAccount, type ServerAccount } from "./server-account.ts";

export interface InitialiseDeps {
  readonly clusterDir: string;
  readonly password: string;
  readonly binaries: Binaries;
  readonly account: ServerAccount | undefined;
  readonly limitMs: number;
  /** False leaves out initdb's fsync. */
  readonly durable: boolean;
}

/** Makes the cluster unless there is one; returns whether it did. Throws PostgresDataDirUnusable for a folder that is neither. */
export async function initialiseCluster(deps: InitialiseDeps): Promise<boolean> {
  const { clusterDir } = deps;
  await sweepHalfMade(clusterDir);
  if (await holdsCluster(clusterDir, deps.binaries)) return false;
  const half = halfMadeName(clusterDir);
  const passwordFile = `${half}.password`;
  try {
    await mkdir(half, { mode: 0o700 });
    await writeFile(passwordFile, deps.password, { mode: 0o600 });
    if (deps.account !== undefined) {
      await chown(half, deps.account.uid, deps.account.gid);
      await chown(passwordFile, deps.account.uid, deps.account.gid);
    }
    await runInitdb(deps, half, passwordFile);
    await rename(half, clusterDir);
    await syncFolder(dirname(clusterDir));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another start was first; the cluster is there.
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(half, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
}

async function holdsCluster(clusterDir: string, binaries: Binaries): Promise<boolean> {
  if (!existsSync(clusterDir) || (await readdir(clusterDir)).length === 0) return false;
  const versionFile = join(clusterDir, "PG_VERSION");
  if (!existsSync(versionFile) || !existsSync(join(clusterDir, "global", "pg_control"))) {
    throw new PostgresDataDirUnusable({
      dir: clusterDir,
      reason: "it is not empty and holds no whole PostgreSQL cluster (PG_VERSION or global/pg_control is missing)",
      remedy: "Name another folder; or, if nothing in this one is needed, remove it and start again.",
    });
  }
  const major = (await readFile(versionFile, "utf8")).trim();
  const ours = binaries.version.split(".")[0];
  if (major !== ours) {
    throw new PostgresDataDirUnusable({
      dir: clusterDir,
      reason: `it was made by PostgreSQL ${major} and the server here is ${binaries.version}`,
      remedy: `Use the Tidegate version that made it, or carry the data over with pg_dump of version ${major}.`,
    });
  }
  return true;
}

async function runInitdb(deps: InitialiseDeps, dir: string, passwordFile: string): Promise<void> {
  const builtinLocale = Number.parseInt(deps.binaries.version, 10) >= 17;
  const child = spawn(
    deps.binaries.initdb,
    [
      `--pgdata=${dir}`,
      `--username=${ROLE}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // The collation must be the same on every machine: the C order, and the server's own character classes where it has them.
      "--locale=C",
      ...(builtinLocale ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : []),
      ...(deps.durable ? [] : ["--no-sync"]),
      "--no-instructions",
    ],
    {
      ...asAccount(deps.account),
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: deps.limitMs,
      killSignal: "SIGKILL",
    },
  );
  let said = "";
  const collect = (chunk: Buffer): void => void (said = (said + chunk.toString("utf8")).slice(-4_000));
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const started = performance.now();
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  if (code === 0) return;
  if (/No space left on device/.test(said)) {
    throw new PostgresDiskFull({ where: deps.clusterDir, reason: "no space left on device" });
  }
  if (signal === "SIGKILL" && performance.now() - started >= deps.limitMs) {
    throw new TimedOut({
      what: "initdb",
      limitMs: deps.limitMs,
      remedy: "Look at the load of the machine and try again.",
    });
  }
  const logTail = said.trim().split("\n").slice(-3).join(" ");
  throw new PostgresStartFailed({
    program: "initdb",
    how: code === null ? `was ended by ${signal}` : `ended with ${code}`,
    logTail,
  });
}

async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
