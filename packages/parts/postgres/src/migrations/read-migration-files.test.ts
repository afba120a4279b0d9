import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readMigrationFiles } from "./read-migration-files.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tidegate-migrations-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, sql] of Object.entries(files)) await writeFile(join(directory, name), sql);
}

test("reads them in order and ignores what is not SQL", async () => {
  await put({ "0002_more-of_it.sql": "select 2", "0001_first.sql": "select 1", "README.md": "" });
  const files = await readMigrationFiles(directory);
  expect(files.map((file) => [file.number, file.name, file.sql])).toEqual([
    [1, "first", "select 1"],
    [2, "more-of_it", "select 2"],
  ]);
});

test("gives the same checksum whatever the line ends", async () => {
  await put({ "0001_a.sql": "select 1;\nselect 2;\n" });
  const [unix] = await readMigrationFiles(directory);
  await put({ "0001_a.sql": "select 1;\r\nselect 2;\r\n" });
  const [dos] = await readMigrationFiles(directory);
  expect(dos?.checksum).toBe(unix?.checksum);
});

test.each([
  ["a gap", { "0001_a.sql": "", "0003_c.sql": "" }, "0003_c.sql stands where number 2 is expected"],
  ["a number used twice", { "0001_a.sql": "", "0001_b.sql": "" }, "0001_b.sql stands where number 2 is expected"],
  ["a beginning at 2", { "0002_a.sql": "" }, "0002_a.sql stands where number 1 is expected"],
  ["a bad name", { "1-a.sql": "" }, "1-a.sql is not named"],
])("refuses %s", async (_, files, reason) => {
  await put(files);
  await expect(readMigrationFiles(directory)).rejects.toThrow(reason);
});

test("refuses a folder that is not there", async () => {
  await expect(readMigrationFiles(join(directory, "none"))).rejects.toMatchObject({ name: "MigrationFilesInvalid" });
});
