// The scripts that the documents promise for Auxo and Bazooka, under npm and under pnpm: build, test, coverage, start.
import { execFile as execFileWithCallback } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const execFile = promisify(execFileWithCallback);
const root = new URL("../../", import.meta.url).pathname;
const LIMIT_MS = 120_000;

interface Ended {
  readonly exit: number;
  readonly text: string;
}

async function run(manager: string, folder: string, script: string, input = ""): Promise<Ended> {
  const command = join(root, "node_modules/.bin", manager);
  const program = manager === "npm" ? "npm" : command;
  const options = {
    cwd: join(root, folder),
    timeout: LIMIT_MS,
    env: { ...process.env, CI: "true", TIDEGATE_ENGINE: "volatile" },
  };
  const running = execFile(program, ["run", script], options);
  running.child.stdin?.end(input);
  return running.then(
    ({ stdout, stderr }) => ({ exit: 0, text: stdout + stderr }),
    (error: { code?: number; stdout?: string; stderr?: string }) => ({
      exit: error.code ?? -1,
      text: `${error.stdout ?? ""}${error.stderr ?? ""}`,
    }),
  );
}

describe.each(["npm", "pnpm"])("%s", (manager) => {
  it.each(["services/auxo", "services/bazooka"])(
    "builds %s into build/, a module that exports the handler",
    async (folder) => {
      rmSync(join(root, folder, "build"), { recursive: true, force: true });
      expect(await run(manager, folder, "build")).toMatchObject({ exit: 0 });
      const built = pathToFileURL(join(root, folder, "build/index.js")).href;
      const look = `import(${JSON.stringify(built)}).then((it) => console.log(typeof it.handler))`;
      expect((await execFile(process.execPath, ["-e", look])).stdout.trim()).toBe("function");
    },
  );

  it.each(["services/auxo", "services/bazooka"])(
    "invokes the handler of %s with an event, and says what is wrong with it",
    async (folder) => {
      const ended = await run(manager, folder, "start", JSON.stringify({ nonsense: true }));
      expect(ended.exit).not.toBe(0);
      expect(ended.text).toContain('\\"nonsense\\" is no field of it');
    },
  );
});

// Under npm they run in every check.
describe("pnpm, besides", () => {
  it("runs the tests of Auxo, and tells their coverage", async () => {
    expect(await run("pnpm", "services/auxo", "test")).toMatchObject({
      exit: 0,
      text: expect.stringContaining("passed") as unknown,
    });
    const covered = await run("pnpm", "services/auxo", "coverage");
    expect(covered).toMatchObject({ exit: 0, text: expect.stringContaining("% Stmts") as unknown });
  });

  it("knows the same scripts at the root", async () => {
    const ended = await run("pnpm", ".", "build");
    expect(ended.exit, ended.text).toBe(0);
    expect(ended.text).toMatch(/@tidegate\/auxo.*@tidegate\/bazooka/s);
  });
});
