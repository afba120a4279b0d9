// What a release may say, and what is said about one that may not.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ReleaseInvalid, ReleaseNotFound } from "../errors.ts";
import { planInstance } from "../processes/instance-plan.ts";
import { readRelease } from "./read-release.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tidegate-release-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

function read(content: unknown, tag = "v1"): ReturnType<typeof readRelease> {
  mkdirSync(join(dir, tag), { recursive: true });
  writeFileSync(join(dir, tag, "release.json"), typeof content === "string" ? content : JSON.stringify(content));
  return readRelease(dir, tag);
}

function failureOf(effect: () => unknown): unknown {
  try {
    return effect();
  } catch (error) {
    return error;
  }
}

const command = ["node", "main.js"];

describe("readRelease", () => {
  it("fills in what was left out", () => {
    const release = read({ tag: "v1", services: { api: { command } } });
    expect(release.dir).toBe(join(dir, "v1"));
    expect(release.services["api"]).toEqual({
      command,
      env: {},
      stopSignal: "SIGTERM",
      drainLimitMs: 10_000,
      startAfter: [],
    });
  });

  it.each<[string, unknown, string]>([
    ["no JSON", "{", "it is not JSON"],
    ["another tag", { tag: "v2", services: {} }, 'its tag says "v2", its folder "v1"'],
    ["an unknown key", { tag: "v1", services: { api: { command, replicas: 2 } } }, "services.api: Unrecognized key"],
    ["no command", { tag: "v1", services: { api: { command: [] } } }, "services.api.command"],
    ["a bad name", { tag: "v1", services: { "../api": { command } } }, "services"],
    [
      "a health path without a port",
      { tag: "v1", services: { api: { command, health: { path: "/" } } } },
      "needs `port`",
    ],
    [
      "two places of health",
      { tag: "v1", services: { api: { command, port: 1, health: { path: "/", url: "http://x" } } } },
      "either",
    ],
    [
      "an unknown predecessor",
      { tag: "v1", services: { api: { command, startAfter: ["db"] } } },
      "no service of this release: db",
    ],
    [
      "a circle",
      { tag: "v1", services: { a: { command, startAfter: ["b"] }, b: { command, startAfter: ["a"] } } },
      "circle: a → b → a",
    ],
    [
      "a signal that cannot be caught",
      { tag: "v1", services: { api: { command, stopSignal: "SIGKILL" } } },
      "stopSignal",
    ],
  ])("refuses %s", (_, content, words) => {
    const failure = failureOf(() => read(content));
    expect(failure).toBeInstanceOf(ReleaseInvalid);
    expect((failure as ReleaseInvalid).message).toContain(words);
    expect(failure).toMatchObject({ exit: 64, blame: "user" });
  });

  it("does not look outside its folder", () => {
    for (const tag of ["no-such", "../v1", ""]) expect(() => readRelease(dir, tag)).toThrow(ReleaseNotFound);
  });
});

describe("planInstance", () => {
  it("gives each instance its port and the release's folder, and leaves other placeholders alone", () => {
    const release = read({
      tag: "v1",
      services: {
        api: {
          command: ["${RELEASE_DIR}/run", "--port=${PORT}", "${HOME}"],
          cwd: "work",
          env: { SELF: "http://127.0.0.1:${PORT}" },
          port: 4_000,
          health: { path: "/health" },
        },
      },
    });
    const spec = release.services["api"];
    if (spec === undefined) throw new Error("no api");
    const plan = planInstance(spec, release.dir, 2);
    expect(plan).toMatchObject({
      program: `${release.dir}/run`,
      args: ["--port=4002", "${HOME}"],
      cwd: join(release.dir, "work"),
      env: { SELF: "http://127.0.0.1:4002", PORT: "4002", RELEASE_DIR: release.dir },
      care: { address: "127.0.0.1:4002", health: { url: "http://127.0.0.1:4002/health" }, drainLimitMs: 10_000 },
    });
  });
});
