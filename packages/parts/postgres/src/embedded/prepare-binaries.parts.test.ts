import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, cp, lstat, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findBinaries } from "./find-binaries.ts";
import { prepareBinaries } from "./prepare-binaries.ts";
import { serverAccount } from "./server-account.ts";
import { createTestFolder, type TestFolder } from "./test-folder.ts";

const isRoot = process.getuid?.() === 0;

let folder: TestFolder;
let native: string;
let version: string;
/** A package as `npm ci --ignore-scripts` leaves it: without the links. */
beforeEach(async () => {
  folder = await createTestFolder();
  native = join(folder.path, "package", "native");
  version = `18.4.0-test.${randomBytes(4).toString("hex")}`;
  const source = findBinaries();
  await cp(source, native, { recursive: true, verbatimSymlinks: true });
  await writeFile(join(folder.path, "package", "package.json"), JSON.stringify({ version }));
  for (const name of await linkNames()) await rm(join(native, "lib", name), { force: true });
});
afterEach(() => folder.remove());

async function linkNames(): Promise<string[]> {
  const list = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8")) as Array<{ target: string }>;
  return list.map(({ target }) => target.replace("native/lib/", ""));
}

test("makes the library links that the install script would make, once", async () => {
  const account = await serverAccount();
  const binaries = await prepareBinaries(native, account);
  expect(binaries).toEqual({
    initdb: join(native, "bin", "initdb"),
    postgres: join(native, "bin", "postgres"),
    version: "18.4",
  });
  const names = await linkNames();
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect((await lstat(join(native, "lib", name))).isSymbolicLink()).toBe(true);
  expect(await prepareBinaries(native, account)).toEqual(binaries);
});

test.skipIf(!isRoot)("copies them once to where the server's user can reach them (needs root)", async () => {
  await chmod(folder.path, 0o700);
  const copy = `/var/lib/tidegate/postgres-${version}`;
  // What a killed copy left.
  const half = `${copy}.half-made-999999-1-abcd`;
  await mkdir(half, { recursive: true });
  try {
    const account = await serverAccount();
    const [one, two] = await Promise.all([prepareBinaries(native, account), prepareBinaries(native, account)]);
    expect(one).toEqual({
      initdb: join(copy, "bin", "initdb"),
      postgres: join(copy, "bin", "postgres"),
      version: "18.4",
    });
    expect(two).toEqual(one);
    expect(existsSync(half)).toBe(false);
    expect((await readdir("/var/lib/tidegate")).filter((name) => name.startsWith(`postgres-${version}.`))).toEqual([]);
  } finally {
    await rm(copy, { recursive: true, force: true });
    await rm(half, { recursive: true, force: true });
  }
});
