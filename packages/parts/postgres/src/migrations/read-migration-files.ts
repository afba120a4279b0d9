// The migrations that this version knows: 0001_name.sql and so on.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { MigrationFilesInvalid } from "../errors/migration-errors.ts";

export interface MigrationFile {
  /** From 1. */
  readonly number: number;
  /** "market" in 0001_market.sql */
  readonly name: string;
  readonly fileName: string;
  readonly sql: string;
  /** SHA-256 in hexadecimal, with line ends as \n: a checkout on another system is no change. */
  readonly checksum: string;
}

const FILE_NAME = /^(\d{4})_([a-z0-9]+(?:[_-][a-z0-9]+)*)\.sql$/;

/** Reads a folder's .sql files in order; throws MigrationFilesInvalid for a bad name, a gap or a number used twice. */
export async function readMigrationFiles(directory: string): Promise<readonly MigrationFile[]> {
  let names: string[];
  try {
    names = (await readdir(directory)).filter((name) => name.endsWith(".sql")).sort();
  } catch (cause) {
    throw new MigrationFilesInvalid({ directory, reason: "the folder cannot be read", cause });
  }
  return Promise.all(names.map((fileName, index) => readOne(directory, fileName, index + 1)));
}

async function readOne(directory: string, fileName: string, expected: number): Promise<MigrationFile> {
  const match = FILE_NAME.exec(fileName);
  if (match === null) throw new MigrationFilesInvalid({ directory, reason: `${fileName} is not named 0000_name.sql` });
  const number = Number(match[1]);
  if (number !== expected) {
    const reason = `${fileName} stands where number ${expected} is expected`;
    throw new MigrationFilesInvalid({ directory, reason });
  }
  const sql = (await readFile(join(directory, fileName), "utf8")).replaceAll("\r\n", "\n");
  return { number, name: match[2] ?? "", fileName, sql, checksum: createHash("sha256").update(sql).digest("hex") };
}
