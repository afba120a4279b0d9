// The releases adapter passes the suite of the port, and its digest says what it promises to say: what lies in the folder, nothing else.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { imagesConformance } from "../conformance.ts";
import { ImageNotFound, ReleaseTooLarge, ReleaseUnreadable, RepositoryUnknown } from "../errors.ts";
import { createReleaseImages } from "./create-release-images.ts";

const SERVICE = { command: ["node", "${RELEASE_DIR}/ender.js"] };

function writeRelease(releasesDir: string, tag: string, program: string): void {
  const dir = join(releasesDir, tag);
  mkdirSync(join(dir, "lib"), { recursive: true });
  writeFileSync(join(dir, "release.json"), JSON.stringify({ tag, services: { ender: SERVICE } }));
  writeFileSync(join(dir, "ender.js"), program);
  writeFileSync(join(dir, "lib", "shared.js"), "export {};\n");
}

/** The digest as sha256sum and find see it: the same list, made by programs of others. */
function digestByShell(dir: string): string {
  const run = (command: string): string => execFileSync("sh", ["-c", command], { cwd: dir, encoding: "utf8" });
  const folders = run("find . -mindepth 1 -type d").split("\n").filter(Boolean);
  const files = run("find . -type f -exec sha256sum {} +").split("\n").filter(Boolean);
  const lines = [
    ...folders.map((path) => [path.slice(2), "folder", ""]),
    ...files.map((line) => [line.slice(68), "file", line.slice(0, 64)]),
  ].sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
  const text = `tidegate-release-1\n${lines.map((line) => `${JSON.stringify(line)}\n`).join("")}`;
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

imagesConformance({
  adapter: "releases",
  open: async () => {
    const releasesDir = mkdtempSync(join(tmpdir(), "tidegate-images-"));
    writeRelease(releasesDir, "v1", "first\n");
    writeRelease(releasesDir, "v2", "second\n");
    writeRelease(releasesDir, "latest", "first\n");
    return {
      images: createReleaseImages({ releasesDir }),
      repository: "ender",
      tags: { first: "v1", second: "v2", movable: "latest" },
      moveTag: async () => {
        writeFileSync(join(releasesDir, "latest", "ender.js"), "second\n");
      },
      digestOutside: async (tag) => digestByShell(join(releasesDir, tag)),
      close: async () => {
        rmSync(releasesDir, { recursive: true });
      },
    };
  },
});

function open() {
  const releasesDir = mkdtempSync(join(tmpdir(), "tidegate-images-"));
  onTestFinished(() => rmSync(releasesDir, { recursive: true, force: true }));
  writeRelease(releasesDir, "v1", "first\n");
  const dir = join(releasesDir, "v1");
  const images = createReleaseImages({ releasesDir });
  const digest = async (): Promise<string> => (await images.resolve({ repository: "ender", tag: "v1" })).digest;
  const failure = async (wanted: { repository: string; tag: string }): Promise<unknown> =>
    images.resolve(wanted).catch((error: unknown) => error);
  return { releasesDir, dir, images, digest, failure };
}

describe("the digest of a release", () => {
  it("changes with a content, a name, a manifest, a folder, and with who may execute a file", async () => {
    const { dir, digest } = open();
    const seen = [await digest()];
    const changes = [
      () => writeFileSync(join(dir, "lib", "shared.js"), "export { };\n"),
      () => renameSync(join(dir, "lib", "shared.js"), join(dir, "lib", "Shared.js")),
      () => writeFileSync(join(dir, "functions.json"), JSON.stringify({ tag: "v1", functions: { bazooka: {} } })),
      () => mkdirSync(join(dir, "empty")),
      () => chmodSync(join(dir, "ender.js"), 0o755),
    ];
    for (const change of changes) {
      change();
      seen.push(await digest());
    }
    expect(new Set(seen).size).toBe(changes.length + 1);
  });

  it("does not change with times, nor with what a link leads to outside", async () => {
    const { releasesDir, dir, digest } = open();
    writeFileSync(join(releasesDir, "outside.js"), "one");
    symlinkSync("../outside.js", join(dir, "outside.js"));
    symlinkSync("..", join(dir, "circle"));
    const before = await digest();
    writeFileSync(join(releasesDir, "outside.js"), "two");
    utimesSync(join(dir, "ender.js"), 1, 1);
    expect(await digest()).toBe(before);
    rmSync(join(dir, "circle"));
    symlinkSync("../..", join(dir, "circle"));
    expect(await digest()).not.toBe(before);
  });

  it("is bounded, in entries and in bytes", async () => {
    const { releasesDir } = open();
    const limited = async (limits: { files: number; bytes: number }): Promise<unknown> =>
      createReleaseImages({ releasesDir, limits })
        .resolve({ repository: "ender", tag: "v1" })
        .catch((error: unknown) => error);
    expect(await limited({ files: 3, bytes: 1_000 })).toBeInstanceOf(ReleaseTooLarge);
    expect(await limited({ files: 100, bytes: 20 })).toBeInstanceOf(ReleaseTooLarge);
    expect(await limited({ files: 4, bytes: 1_000 })).toMatchObject({ repository: "ender" });
  });

  it("is not taken of what is neither file, folder nor link", async () => {
    const { dir, failure } = open();
    const server = createServer().listen(join(dir, "socket"));
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const error = await failure({ repository: "ender", tag: "v1" });
    expect(error).toBeInstanceOf(ReleaseUnreadable);
    expect((error as Error).message).toContain("socket");
  });
});

describe("a release as a repository's tag", () => {
  it("finds a function beside the services", async () => {
    const { dir, images } = open();
    const bazooka = { handler: "bazooka.js#handler" };
    writeFileSync(join(dir, "functions.json"), JSON.stringify({ tag: "v1", functions: { bazooka } }));
    const [service, fn] = await Promise.all([
      images.resolve({ repository: "ender", tag: "v1" }),
      images.resolve({ repository: "bazooka", tag: "v1" }),
    ]);
    expect(fn.uri).toBe(service.uri);
    expect(fn.uri).toBe(`release:v1@${fn.digest}`);
  });

  it("names the releases that have the service, and the services that there are", async () => {
    const { releasesDir, failure } = open();
    mkdirSync(join(releasesDir, "broken"));
    writeFileSync(join(releasesDir, "broken", "release.json"), "{");
    expect(await failure({ repository: "ender", tag: "v2" })).toMatchObject({ remedy: "It has: v1." });
    expect(await failure({ repository: "endre", tag: "v1" })).toMatchObject({ remedy: "Use one of: ender." });
    expect(await failure({ repository: "ender", tag: "../v1" })).toBeInstanceOf(ImageNotFound);
    expect(await failure({ repository: "toString", tag: "v1" })).toBeInstanceOf(RepositoryUnknown);
  });

  it("refuses a manifest that is torn, or that belongs to another tag", async () => {
    const { releasesDir, dir, failure } = open();
    writeFileSync(join(dir, "release.json"), readFileSync(join(dir, "release.json"), "utf8").slice(0, -1));
    expect(await failure({ repository: "ender", tag: "v1" })).toMatchObject({
      message: expect.stringContaining("not JSON"),
    });
    writeRelease(releasesDir, "v2", "second\n");
    writeFileSync(join(releasesDir, "v2", "release.json"), JSON.stringify({ tag: "v1", services: { ender: SERVICE } }));
    expect(await failure({ repository: "ender", tag: "v2" })).toMatchObject({
      message: expect.stringContaining('its tag says "v1"'),
    });
  });
});
