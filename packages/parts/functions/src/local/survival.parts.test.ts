// Kills: of the function, of who invokes it, of who updates it. A kill is SIGKILL from another process.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { seededRandom, waitUntil } from "@tidegate/kernel";
import { describe, expect, it, onTestFinished } from "vitest";
import { FunctionCrashed, FunctionFailed } from "../errors.ts";
import { functionsOfThisTest, NAME, processesIn, type TemporaryFunctions } from "../testing/temporary-functions.ts";

const failureOf = async (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
const until = async <T>(what: string, look: () => T | undefined): Promise<T> =>
  waitUntil(look, { what, limitMs: 20_000, remedy: "-", everyMs: 10 });
const gone = async (temporary: TemporaryFunctions): Promise<true> =>
  until("The end of all processes", () => (processesIn(temporary.releasesDir).length === 0 ? true : undefined));

async function open(spec = {}) {
  const temporary = functionsOfThisTest();
  const image = await temporary.release("v1", spec);
  await temporary.functions.ensure(NAME, { image });
  const ledger = join(temporary.dir, "ledger");
  const started = async (): Promise<readonly number[]> =>
    (await until("The function's start", () => temporary.lines("ledger")[0])).split(" ").slice(1).map(Number);
  const invoke = async (task: object, more: object = {}): Promise<unknown> =>
    temporary.functions.invoke(NAME, task, { limitMs: 20_000, ...more });
  return { temporary, image, ledger, started, invoke };
}

/** The program that uses the functions, in a process of its own. */
function order(temporary: TemporaryFunctions, what: object): ChildProcess & { readonly told: Promise<string> } {
  const { stateDir, releasesDir } = temporary;
  const program = fileURLToPath(new URL("../testing/invoker.fixture.ts", import.meta.url));
  const argument = JSON.stringify({ stateDir, releasesDir, name: NAME, ...what });
  const child = spawn(process.execPath, [program, argument], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const told = once(createInterface({ input: child.stdout }), "line").then(([line]) => String(line));
  return Object.assign(child, { told });
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

describe("a function that is killed", () => {
  it("is told to have ended without an answer, and takes along what it had started", async () => {
    const { temporary, ledger, started, invoke } = await open();
    const failing = failureOf(invoke({ do: "hang", ledger, child: true }));
    const [pid = 0] = await started();
    expect(processesIn(temporary.releasesDir)).toHaveLength(2);
    process.kill(pid, "SIGKILL");
    const failure = await failing;
    expect(failure).toBeInstanceOf(FunctionCrashed);
    expect(failure).toMatchObject({ details: { how: "its process was killed by SIGKILL" } });
    await gone(temporary);
    expect(await invoke({ do: "return" })).toMatchObject({ version: "v1" });
  });

  it("leaves nothing behind when it answered, either", async () => {
    const { temporary, ledger, invoke } = await open();
    await invoke({ do: "return", ledger, child: true });
    await gone(temporary);
    expect(temporary.lines("ledger")).toHaveLength(1);
  });
});

describe("a function that runs out of time", () => {
  it.each([
    ["while it waits", {}],
    ["while it never gives its thread back", { busy: true }],
    ["with a process of its own", { child: true }],
  ])("is ended %s", async (_, how) => {
    const { temporary, ledger, invoke } = await open({ timeoutMs: 700 });
    const failure = await failureOf(invoke({ do: "hang", ledger, ...how }));
    expect(failure).toBeInstanceOf(FunctionFailed);
    expect(failure).toMatchObject({ details: { timedOut: true }, message: expect.stringContaining("after 700 ms") });
    await gone(temporary);
    expect(temporary.log()).toContain("END timed out after 700 ms");
  });

  it("is ended from outside when it cannot end itself", async () => {
    const { temporary, ledger, started, invoke } = await open({ timeoutMs: 2_000 });
    const failing = failureOf(invoke({ do: "hang", ledger }));
    const [pid = 0] = await started();
    process.kill(pid, "SIGSTOP");
    expect(await failing).toMatchObject({ details: { timedOut: true } });
    await gone(temporary);
  });

  it("is ended by the invocation's limit when that is shorter", async () => {
    const { temporary, ledger, invoke } = await open();
    const failure = await failureOf(invoke({ do: "hang", ledger }, { limitMs: 600 }));
    expect(failure).toMatchObject({ details: { timedOut: true }, message: expect.stringContaining("after 600 ms") });
    await gone(temporary);
  });

  it("is ended when the invocation is aborted", async () => {
    const { temporary, ledger, started, invoke } = await open();
    const controller = new AbortController();
    const failing = failureOf(invoke({ do: "hang", ledger, child: true }, { signal: controller.signal }));
    await started();
    controller.abort(new Error("cancelled"));
    expect(await failing).toMatchObject({ message: "cancelled" });
    await gone(temporary);
  });
});

describe("when the invoker is killed", () => {
  it("a function in the middle goes on to its end", async () => {
    const { temporary, image, ledger, started } = await open();
    const file = join(temporary.dir, "go");
    const invoker = order(temporary, { do: "invoke", image, task: { do: "wait", ledger, until: file } });
    await started();
    await kill(invoker);
    await until("The function noticing it", () => (temporary.log().includes("its invoker is gone") ? true : undefined));
    expect(processesIn(temporary.releasesDir)).toHaveLength(1);
    writeFileSync(file, "");
    await until("The function's end", () => temporary.lines("ledger")[1]);
    await gone(temporary);
    expect(temporary.log()).toContain("its answer reached nobody");
  });

  it.each([
    ["that waits", {}],
    ["that never gives its thread back", { busy: true, child: true }],
  ])("a function %s is ended by its own limit", async (_, how) => {
    const { temporary, image, ledger, started } = await open({ timeoutMs: 2_000 });
    const invoker = order(temporary, { do: "invoke", image, task: { do: "hang", ledger, ...how } });
    await started();
    await kill(invoker);
    expect(processesIn(temporary.releasesDir).length).toBeGreaterThan(0);
    await gone(temporary);
    expect(temporary.log()).toContain("END timed out after 2000 ms");
  });
});

describe("when who updates is killed", () => {
  it("in the middle, under the lock: nothing has changed, and the next one is not held up", async () => {
    const { temporary, image } = await open();
    const next = await temporary.release("v2");
    const updater = order(temporary, { do: "update", image: next });
    expect(await updater.told).toBe("checking");
    await kill(updater);
    expect(await temporary.functions.describe(NAME)).toMatchObject({ state: "ready", image });
    await temporary.functions.update(NAME, { image: next });
    expect((await temporary.functions.describe(NAME)).image).toBe(next);
  });

  it("at 20 random moments: what it runs is one of the two, whole", async () => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
    const random = seededRandom(seed);
    const { temporary, image } = await open();
    const images = [image, await temporary.release("v2")];
    for (let round = 0; round < 20; round++) {
      const updater = order(temporary, { do: "update-for-ever", images });
      await updater.told;
      const killAtMs = performance.now() + random.integer(0, 30);
      await until("The moment of the kill", () => (performance.now() >= killAtMs ? true : undefined));
      await kill(updater);
      const status = await temporary.functions.describe(NAME);
      expect(images, `SEED=${seed}, round ${round}`).toContain(status.image);
      await temporary.functions.update(NAME, { image: images[round % 2] ?? "" });
      expect((await temporary.functions.describe(NAME)).image).toBe(images[round % 2]);
    }
  }, 180_000);
});
