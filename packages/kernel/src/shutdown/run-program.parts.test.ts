// A real process: how it ends on signals, on errors of ours and on others.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "tidegate-program-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const kernel = new URL("../index.ts", import.meta.url).href;

async function run(
  body: string,
  signal?: NodeJS.Signals,
): Promise<{ exit: number | null; lines: Record<string, unknown>[] }> {
  const path = join(folder, `${Math.random()}.ts`);
  writeFileSync(
    path,
    `import { createLogger, runProgram, TidegateError, untilStopped } from ${JSON.stringify(kernel)};
     const logger = createLogger({ service: "sample" });
     await runProgram({ logger, at: "sample#main", main: async (shutdown) => { ${body} } });`,
  );
  const child = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "inherit"], timeout: 20_000 });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    if (signal !== undefined && out.includes("ready")) child.kill(signal);
  });
  const [exit] = (await once(child, "close")) as [number | null];
  return {
    exit,
    lines: out
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe("runProgram", () => {
  it("ends with 0 when there is nothing left to do, after closing", async () => {
    const { exit, lines } = await run(`shutdown.onClose("pool", () => logger.info("x", "closed"));`);
    expect({ exit, said: lines.map((line) => line["message"]) }).toEqual({ exit: 0, said: ["closed"] });
  });

  it.each(["SIGTERM", "SIGINT"] as const)("closes what was opened and ends with 0 on %s", async (signal) => {
    const body = `shutdown.onClose("pool", () => logger.info("x", "closed")); logger.info("x", "ready"); const keep = setInterval(() => {}, 1000);
      await untilStopped(shutdown); clearInterval(keep); throw new Error("interrupted by the stop");`;
    const { exit, lines } = await run(body, signal);
    expect(exit).toBe(0);
    expect(lines.map((line) => line["message"])).toEqual(["ready", "Stopping", "closed"]);
  });

  it("tells code, remedy and error, and ends with the error's exit code", async () => {
    const { exit, lines } = await run(
      `throw new TidegateError({ code: "a.b", message: "It failed.", remedy: "Mend it.", exit: 69 });`,
    );
    expect(exit).toBe(69);
    expect(lines).toMatchObject([
      {
        level: "error",
        at: "sample#main",
        message: "It failed.",
        code: "a.b",
        remedy: "Mend it.",
        error: { code: "a.b" },
      },
    ]);
  });

  it("ends with 1 on an error that nobody foresaw, and when closing fails", async () => {
    expect(await run(`throw new Error("?");`)).toMatchObject({
      exit: 1,
      lines: [{ message: "?", error: { stack: expect.stringContaining("Error: ?") as string } }],
    });
    expect(await run(`shutdown.onClose("pool", () => { throw new Error("stuck"); });`)).toMatchObject({
      exit: 1,
      lines: [{ message: "Closing failed" }],
    });
  });
});
