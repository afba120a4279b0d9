// Where a cluster lies: in the data folder, or in /var/lib where the server's account cannot reach that folder.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, link, mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { PostgresDataDirUnusable } from "../errors/embedded-errors.ts";
import { asAccount, type ServerAccount } from "./server-account.ts";

const run = promisify(execFile);
const TEST_LIMIT_MS = 5_000;

/** The files of an embedded server. All but the cluster itself are in the data folder and belong to whoever starts it. */
export interface ClusterPlace {
  /** As given, absolute. */
  readonly dataDir: string;
  /** PostgreSQL's own data directory (PGDATA); its parent exists. */
  readonly clusterDir: string;
  readonly passwordFile: string;
  readonly connectionFile: string;
}

export function connectionFileOf(dataDir: string): string {
  return join(resolve(dataDir), "connection.json");
}

/**
 * Makes the data folder and says where the cluster in it lies, or is to lie.
 *
 * That is `dataDir/cluster`. As root, the server runs as another user; where that user cannot traverse to `dataDir` (below a
 * home with mode 0700) the cluster gets a folder of its own under /var/lib/tidegate, and `dataDir/cluster-location` names it
 * from then on: removing the data folder means a new cluster, as it does everywhere else.
 */
export async function placeCluster(dataDirGiven: string, account: ServerAccount | undefined): Promise<ClusterPlace> {
  const given = resolve(dataDirGiven);
  // The account must be able to pass through, never to list. A folder that was there before keeps its mode.
  const mode = account === undefined ? 0o700 : 0o711;
  if ((await mkdir(given, { recursive: true, mode })) !== undefined) await chmod(given, mode);
  // /proc shows real paths; a link in ours would make a living server look like a stranger.
  const dataDir = await realpath(given);
  return {
    dataDir,
    clusterDir: await clusterDirOf(dataDir, account),
    passwordFile: join(dataDir, "password"),
    connectionFile: connectionFileOf(dataDir),
  };
}

async function clusterDirOf(dataDir: string, account: ServerAccount | undefined): Promise<string> {
  const locationFile = join(dataDir, "cluster-location");
  const own = join(dataDir, "cluster");
  if (existsSync(locationFile)) return readLocation(locationFile);
  if (account === undefined || (await canTraverse(account, dataDir))) return own;
  if (existsSync(own)) {
    throw new PostgresDataDirUnusable({
      dir: own,
      reason: `as root the server runs as the user ${account.name}, who cannot traverse to it`,
      remedy: `Give the folders above it the right to be traversed (chmod o+x), or run as the user that made it.`,
    });
  }
  return relocate(locationFile);
}

/** Writes the location first and atomically: two starts at once agree on one. */
async function relocate(locationFile: string): Promise<string> {
  const name = randomBytes(4).toString("hex");
  const draft = `${locationFile}.${name}`;
  await writeFile(draft, `/var/lib/tidegate/postgres-data-${name}/cluster\n`, { mode: 0o600 });
  try {
    await link(draft, locationFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readLocation(locationFile);
}

async function readLocation(locationFile: string): Promise<string> {
  const clusterDir = (await readFile(locationFile, "utf8")).trim();
  await mkdir(dirname(clusterDir), { recursive: true, mode: 0o711 });
  return join(await realpath(dirname(clusterDir)), "cluster");
}

async function canTraverse(account: ServerAccount, dir: string): Promise<boolean> {
  try {
    await run("test", ["-x", dir], { ...asAccount(account), cwd: "/", timeout: TEST_LIMIT_MS });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 1) return false;
    throw error;
  }
}
