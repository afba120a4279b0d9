import { expect, test } from "vitest";
import { choosePending, type AppliedMigration } from "./choose-pending.ts";
import type { MigrationFile } from "./read-migration-files.ts";

function file(number: number): MigrationFile {
  const name = `step_${number}`;
  return { number, name, fileName: `000${number}_${name}.sql`, sql: "", checksum: `checksum-${number}` };
}

const first = file(1);
const second = file(2);
const third = file(3);
const files = [first, second, third];

test.each<[string, readonly AppliedMigration[], number[]]>([
  ["all of an empty database", [], [1, 2, 3]],
  ["the rest", [first, second], [3]],
  ["none", [first, second, third], []],
])("chooses %s", (_, applied, expected) => {
  expect(choosePending("me", files, applied).map((file) => file.number)).toEqual(expected);
});

test.each<[string, readonly AppliedMigration[], string]>([
  ["an edited file", [{ ...first, checksum: "other" }], "MigrationChanged"],
  ["a renamed file", [{ ...first, name: "other" }], "MigrationChanged"],
  ["a row that is missing in the middle", [first, third], "MigrationChanged"],
  ["a newer database", [first, second, third, { ...third, number: 4 }], "MigrationDatabaseNewer"],
])("refuses %s", (_, applied, name) => {
  expect(() => choosePending("me", files, applied)).toThrow(expect.objectContaining({ name }));
});
