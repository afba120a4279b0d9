// Makes the packaged binaries runnable: library links, and a copy where the server's account cannot reach the package.
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { halfMadeName, sweepHalfMade } from "./half-made.ts";
import { asAccount, type ServerAccount } from "./server-account.ts";

const run = promisify(execFile);
const VERSION_LIMIT_MS = 15_000;

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** "18.4" */
  readonly version: string;
}

/**
 * Takes a package's `native` folder and returns programs that the account can run.
 *
 * npm packages cannot hold symbolic links, so the package lists them in pg-symlinks.json and makes them in an install script,
 * which we do not run: they are made here. Where the account cannot traverse to the package (a home with mode 0700) or nothing
 * can be written there, the folder is copied once to /var/lib/tidegate (root) or the user's cache.
 */
export async function prepareBinaries(native: string, account: ServerAccount | undefined): Promise<Binaries> {
  const inPlace = (await linkLibraries(native)) ? await versionOf(native, account) : undefined;
  if (inPlace !== undefined) return programs(native, inPlace);

  const { version: packageVersion } = JSON.parse(await readFile(join(dirname(native), "package.json"), "utf8")) as {
    version: string;
  };
  const copied = join(copiesFolder(account), `postgres-${packageVersion}`);
  const present = await versionOf(copied, account);
  if (present !== undefined) return programs(copied, present);
  await copyOnce(native, copied);
  const version = await versionOf(copied, account);
  if (version === undefined) throw new Error(`${copied}/bin/postgres cannot be run by ${account?.name ?? "this user"}`);
  return programs(copied, version);
}

function programs(native: string, version: string): Binaries {
  return { initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres"), version };
}

function copiesFolder(account: ServerAccount | undefined): string {
  return account === undefined
    ? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "tidegate")
    : "/var/lib/tidegate";
}

/** False when a link is missing and cannot be made, because the folder is not ours to write. */
async function linkLibraries(native: string): Promise<boolean> {
  const list = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8")) as Array<{
    source: string;
    target: string;
  }>;
  for (const { source, target } of list) {
    try {
      // Both read "native/lib/…"; the link itself is relative, so that the folder can be moved.
      await symlink(basename(source), join(native, relative("native", target)));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") continue;
      if (code === "EACCES" || code === "EPERM" || code === "EROFS") return false;
      throw error;
    }
  }
  return true;
}

/** "18.4", or undefined when the account cannot run it there. */
async function versionOf(native: string, account: ServerAccount | undefined): Promise<string | undefined> {
  try {
    const { stdout } = await run(join(native, "bin", "postgres"), ["--version"], {
      ...asAccount(account),
      cwd: "/",
      timeout: VERSION_LIMIT_MS,
    });
    return /(\d+(\.\d+)*)/.exec(stdout)?.[1];
  } catch (error) {
    const { code } = error as { code?: unknown };
    // 127: the loader found no library, because the links could not be reached.
    if (code === "EACCES" || code === "ENOENT" || code === 127 || code === 126) return undefined;
    throw error;
  }
}

/** Copies to a sibling and renames, so that a kill half-way leaves nothing that looks complete. */
async function copyOnce(native: string, destination: string): Promise<void> {
  await mkdir(dirname(destination), { recursive: true, mode: 0o755 });
  await sweepHalfMade(destination);
  const half = halfMadeName(destination);
  try {
    await cp(native, half, { recursive: true, verbatimSymlinks: true });
    await linkLibraries(half);
    await rename(half, destination);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another start copied at the same time and was first; its copy is as good as ours.
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}
