// The password of the cluster's one role: made once, before the cluster, so that there is never a cluster without it.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, readFile, rm } from "node:fs/promises";
import { PostgresDataDirUnusable } from "../errors/embedded-errors.ts";
import type { ClusterPlace } from "./cluster-place.ts";
import { writePrivateFile } from "./write-private-file.ts";

/** The superuser that initdb makes and that the URL carries. */
export const ROLE = "tidegate";

/** Reads the password, or makes one when there is no cluster yet. */
export async function clusterPassword(place: ClusterPlace): Promise<string> {
  const present = await read(place.passwordFile);
  if (present !== undefined) return present;
  if (existsSync(place.clusterDir)) {
    throw new PostgresDataDirUnusable({
      dir: place.dataDir,
      reason: `it holds a cluster, but its password file ${place.passwordFile} is missing`,
      remedy: "Put the password file back, or remove the whole folder to begin with an empty database.",
    });
  }
  return create(place.passwordFile);
}

async function create(passwordFile: string): Promise<string> {
  const draft = `${passwordFile}.${randomBytes(4).toString("hex")}`;
  await writePrivateFile(draft, `${randomBytes(24).toString("base64url")}\n`);
  try {
    // Two starts at once agree on the password of the first.
    await link(draft, passwordFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const written = await read(passwordFile);
  if (written === undefined) throw new Error(`${passwordFile} vanished while it was made`);
  return written;
}

async function read(passwordFile: string): Promise<string | undefined> {
  try {
    return (await readFile(passwordFile, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
