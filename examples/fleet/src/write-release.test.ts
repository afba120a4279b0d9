import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRelease } from "@tidegate/workloads";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SERVICES } from "./constants.ts";
import { FLEET_MIGRATIONS, writeFleetRelease, type FleetReleaseOptions } from "./write-release.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tidegate-fleet-release-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const options = (): FleetReleaseOptions => ({
  releasesDir: dir,
  tag: "v2",
  release: 2,
  ports: { comlink: 4000, ender: 4010, roundtable: 4020, socks: 4030, vulcan: 4040 },
  handler: { module: "/bazooka/index.ts", export: "handler" },
  env: { FLEET_TICK_MS: "50" },
  functionEnv: { BAZOOKA_TOPICS: "to-ender:1" },
  fault: { kind: "never-healthy", services: ["comlink"] },
});

it("writes a release that the processes adapter takes", () => {
  writeFleetRelease(options());
  const { services } = readRelease(dir, "v2");
  expect(Object.keys(services)).toEqual([...SERVICES]);
  for (const name of SERVICES) {
    const spec = services[name];
    expect(statSync(spec?.command.at(-1) ?? "").isFile(), name).toBe(true);
    expect(spec).toMatchObject({ port: options().ports[name], health: { path: "/health" } });
    const fault = name === "comlink" ? { FLEET_FAULT: "never-healthy" } : {};
    expect(spec?.env).toEqual({ FLEET_RELEASE: "2", FLEET_VERSION: "v2", FLEET_TICK_MS: "50", ...fault });
  }
});

it("writes what runs as Bazooka, for its owner alone", () => {
  const path = join(writeFleetRelease(options()), "functions.json");
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
    tag: "v2",
    functions: {
      bazooka: {
        handler: "/bazooka/index.ts#handler",
        env: { BAZOOKA_MIGRATIONS_DIR: FLEET_MIGRATIONS[2], BAZOOKA_TOPICS: "to-ender:1" },
        timeoutMs: 300_000,
      },
    },
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("has migrations that begin with the same file, and each folder stands alone", () => {
  const read = (folder: string): ReadonlyMap<string, string> =>
    new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  const [name, text] = [...read(FLEET_MIGRATIONS[1])][0] ?? ["", ""];
  for (const folder of [FLEET_MIGRATIONS[2], FLEET_MIGRATIONS.failsHalfway]) {
    const files = read(folder);
    expect([...files.keys()]).toEqual([name, "20260201000001_split_pairs.ts"]);
    expect(files.get(name)).toBe(text);
    for (const one of files.values()) expect(one).not.toContain('from "."');
  }
});
