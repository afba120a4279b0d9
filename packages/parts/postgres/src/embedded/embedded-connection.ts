// How other processes find the embedded server: connection.json in the data folder, mode 0600.
import { readFile, rm } from "node:fs/promises";
import { Secret } from "@tidegate/kernel";
import { PostgresDataDirUnusable } from "../errors/embedded-errors.ts";
import { connectionFileOf } from "./cluster-place.ts";
import { identifyProcess } from "./process-table.ts";
import { writePrivateFile } from "./write-private-file.ts";

export interface EmbeddedConnection {
  /** With the password. */
  readonly url: Secret;
  readonly port: number;
  /** Of the postmaster. */
  readonly pid: number;
  readonly version: string;
}

/** The embedded server of that data folder; undefined when none runs. */
export async function readEmbeddedConnection(dataDir: string): Promise<EmbeddedConnection | undefined> {
  const path = connectionFileOf(dataDir);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const connection = parseConnection(text);
  if (connection === undefined) {
    throw new PostgresDataDirUnusable({
      dir: dataDir,
      reason: `${path} was not written by Tidegate`,
      remedy: "Remove that file; the next start writes it again.",
    });
  }
  // A killed server leaves its file behind.
  return identifyProcess(connection.pid)?.command === "postgres" ? connection : undefined;
}

export async function writeEmbeddedConnection(dataDir: string, connection: EmbeddedConnection): Promise<void> {
  const text = JSON.stringify({ ...connection, url: connection.url.reveal() });
  await writePrivateFile(connectionFileOf(dataDir), `${text}\n`);
}

export async function removeEmbeddedConnection(dataDir: string): Promise<void> {
  await rm(connectionFileOf(dataDir), { force: true });
}

function parseConnection(text: string): EmbeddedConnection | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { url, port, pid, version } = (value ?? {}) as Record<string, unknown>;
  if (typeof url !== "string" || typeof port !== "number" || typeof pid !== "number" || typeof version !== "string") {
    return undefined;
  }
  return { url: new Secret(url), port, pid, version };
}
