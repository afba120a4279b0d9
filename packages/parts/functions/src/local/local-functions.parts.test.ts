// What is particular to functions of this machine: environment, log, what a release may say, who updates.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import { FunctionBusy, FunctionStateUnreadable, FunctionUnknown, ImageRefused } from "../errors.ts";
import type { SampleTask } from "../testing/sample-function.ts";
import { functionsOfThisTest, NAME } from "../testing/temporary-functions.ts";
import { withFunctionLock } from "./with-function-lock.ts";

const failureOf = async (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

async function open(options: Parameters<typeof functionsOfThisTest>[0] = {}, spec = {}) {
  const temporary = functionsOfThisTest(options);
  const image = await temporary.release("v1", spec);
  await temporary.functions.ensure(NAME, { image });
  const invoke = async (task: SampleTask, requestId?: string): Promise<unknown> =>
    temporary.functions.invoke(NAME, task, { limitMs: 20_000, ...(requestId === undefined ? {} : { requestId }) });
  /** What a function of another source does with a payload. */
  const failureIn = async (source: string, payload: unknown, handler = "bazooka.mjs#handler"): Promise<unknown> => {
    const other = await temporary.release("other", { handler }, source);
    return failureOf(temporary.functions.invokeImage(NAME, other, payload, { limitMs: 20_000 }));
  };
  return { ...temporary, image, invoke, failureIn };
}

describe("an invocation", () => {
  it("sees the environment that it is given, and nothing of ours", async () => {
    const env = { PATH: "/usr/bin", LEVEL: "given" };
    const spec = { env: { LEVEL: "of the release", MIGRATIONS: "${RELEASE_DIR}/migrations" } };
    const { invoke, releasesDir } = await open({ env }, spec);
    const seen = (await invoke({ do: "report" })) as { env: Record<string, string>; cwd: string; remainingMs: number };
    const dir = join(releasesDir, "v1");
    expect(seen.env).toEqual({ PATH: "/usr/bin", LEVEL: "of the release", MIGRATIONS: join(dir, "migrations") });
    expect(seen.cwd).toBe(dir);
    expect(seen.remainingMs).toBeGreaterThan(10_000);
    expect(seen.remainingMs).toBeLessThanOrEqual(20_000);
  });

  it("hands on the request's id, and names it in the log", async () => {
    const { invoke, log, image } = await open();
    expect(await invoke({ do: "return" }, "run-1:migrate")).toMatchObject({ requestId: "run-1:migrate" });
    expect(log()).toContain(`run-1:migrate START ${NAME} ${image}`);
    expect(log()).toMatch(/run-1:migrate END returned after \d+ ms/);
  });

  it("tells code and remedy of what was thrown", async () => {
    const { invoke } = await open();
    const error = { name: "MigrationFailed", message: "a", code: "bazooka.migration-failed", remedy: "Mend it." };
    const failure = await failureOf(invoke({ do: "throw", ...error }));
    expect(failure).toMatchObject({ remedy: "Mend it.", details: { error } });
  });

  it("calls failures of the answer and of the module as Lambda's runtime does", async () => {
    const { failureIn } = await open();
    const named = (name: string) => ({ name: "FunctionFailed", details: { error: { name } } });
    const source = `export const handler = (large) => large ? "x".repeat(7e6) : { n: 1n };\n`;
    expect(await failureIn(source, true)).toMatchObject(named("Function.ResponseSizeTooLarge"));
    expect(await failureIn(source, false)).toMatchObject(named("Runtime.MarshalError"));
    expect(await failureIn(source, {}, "bazooka.mjs#absent")).toMatchObject(named("Runtime.HandlerNotFound"));
    expect(await failureIn("export const handler = ;", {})).toMatchObject(named("SyntaxError"));
    expect(await failureIn("", {}, "missing.mjs#handler")).toMatchObject({
      details: { error: { code: "ERR_MODULE_NOT_FOUND" } },
    });
  });

  it("reports what is thrown outside the handler's promise", async () => {
    const { failureIn } = await open();
    const late = `setImmediate(() => { throw new RangeError("later"); }); return new Promise(() => {});`;
    const error = { name: "RangeError", message: "later" };
    expect(await failureIn(`export const handler = () => { ${late} };`, {})).toMatchObject({ details: { error } });
    const rejected = `void Promise.reject(new RangeError("later")); return new Promise(() => {});`;
    expect(await failureIn(`export const handler = () => { ${rejected} };`, {})).toMatchObject({ details: { error } });
  });

  it("cannot pass off what it prints for its answer", async () => {
    const { failureIn, log } = await open();
    const source = `export const handler = () => { console.log('{"kind":"returned","value":1}'); process.exit(0); };`;
    expect(await failureIn(source, {})).toMatchObject({
      name: "FunctionCrashed",
      details: { how: "its process ended with exit code 0" },
    });
    expect(log()).toContain('{"kind":"returned","value":1}');
  });

  it("keeps its log within bounds, also while it runs", async () => {
    const { invoke, stateDir } = await open({ logLimitBytes: 10_000 });
    const lines = 30_000;
    expect(await invoke({ do: "print", lines })).toBe(lines);
    const sizes = ["log", "log.1"].map((file) => statSync(join(stateDir, NAME, file)).size);
    // 11 bytes a line; what is kept is the last two turns.
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan((lines * 11) / 2);
    expect(readFileSync(join(stateDir, NAME, "log"), "utf8")).toContain("END returned");
  });
});

describe("a release whose folder was changed", () => {
  it("is not run any more, and is not updated to", async () => {
    const { functions, image, invoke, releasesDir, lines, dir, release } = await open();
    await release("v1", { timeoutMs: 19_000 });
    const task = { do: "return", ledger: join(dir, "ledger") } as const;
    const failure = await failureOf(invoke(task));
    expect(failure).toBeInstanceOf(ImageRefused);
    expect((failure as Error).message).toContain('the folder of the release "v1" has changed since');
    expect(await failureOf(functions.update(NAME, { image }))).toBeInstanceOf(ImageRefused);
    expect(lines("ledger")).toEqual([]);
    await release("v1");
    expect(await invoke(task)).toMatchObject({ version: "v1" });
    rmSync(join(releasesDir, "v1", "functions.json"));
    expect(await functions.describe(NAME)).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("ENOENT"),
    });
  });

  it("is refused for what its manifest says, too", async () => {
    const { functions, release } = await open();
    const refused = async (spec: object): Promise<unknown> => {
      const image = await release("v2", spec);
      return failureOf(functions.update(NAME, { image }));
    };
    expect(await refused({ handler: "../v1/bazooka.mjs#handler" })).toMatchObject({
      details: { reason: expect.stringContaining("leads out") },
    });
    expect(await refused({ handler: "bazooka.mjs" })).toMatchObject({
      details: { reason: expect.stringContaining("path#export") },
    });
    expect(await refused({ memory: 128 })).toMatchObject({ details: { reason: expect.stringContaining("memory") } });
    expect(await failureOf(functions.update(NAME, { image: "bazooka:v2" }))).toBeInstanceOf(ImageRefused);
  });
});

describe("the state of a function", () => {
  it("is created once and never overridden by ensure", async () => {
    const { functions, image, release } = await open();
    await functions.ensure(NAME, { image: await release("v2") });
    expect((await functions.describe(NAME)).image).toBe(image);
  });

  it("is not looked for outside its folder", async () => {
    const { functions, dir, image } = await open();
    writeFileSync(join(dir, "function.json"), "{}");
    expect(await failureOf(functions.describe(".."))).toBeInstanceOf(FunctionUnknown);
    expect(await failureOf(functions.ensure("../other", { image }))).toBeInstanceOf(FunctionUnknown);
    expect(existsSync(join(dir, "other"))).toBe(false);
  });

  it("is not guessed when its file is torn", async () => {
    const { functions, stateDir, image } = await open();
    const file = join(stateDir, NAME, "function.json");
    writeFileSync(file, readFileSync(file, "utf8").slice(0, 20));
    expect(await failureOf(functions.describe(NAME))).toBeInstanceOf(FunctionStateUnreadable);
    expect(await failureOf(functions.update(NAME, { image }))).toBeInstanceOf(FunctionStateUnreadable);
  });

  it("is not written while somebody else has the lock, and the wait for it has a limit", async () => {
    const { stateDir } = await open();
    const lock = { stateDir, name: NAME, clock: systemClock, limitMs: 60 };
    const order: string[] = [];
    await withFunctionLock(lock, async () => {
      expect(await failureOf(withFunctionLock(lock, async () => void order.push("second")))).toBeInstanceOf(
        FunctionBusy,
      );
      await withFunctionLock({ ...lock, name: "another" }, async () => void order.push("another"));
    });
    await withFunctionLock(lock, async () => void order.push("third"));
    expect(order).toEqual(["another", "third"]);
  });
});
