import { EXIT, PartIsOff, Secret } from "@tidegate/kernel";
import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { tellError } from "./tell-error.ts";
import { createTerminal, type Terminal } from "./terminal.ts";
import { UnknownName } from "./unknown-name.ts";
import { UsageRefused } from "./usage-refused.ts";

function fake(isTTY: boolean, env: Record<string, string> = {}): { terminal: Terminal; out: string[]; err: string[] } {
  const out: string[] = [];
  const err: string[] = [];
  const stream = (lines: string[]) =>
    ({ isTTY, columns: 40, write: (text: string) => lines.push(text) > 0 }) as unknown as NodeJS.WriteStream;
  return { terminal: createTerminal({ stdout: stream(out), stderr: stream(err), env }), out, err };
}

describe("terminal", () => {
  it("sends data to stdout and talk to stderr", () => {
    const { terminal, out, err } = fake(false);
    terminal.data("rows");
    terminal.talk("hello");
    expect([out, err]).toEqual([["rows\n"], ["hello\n"]]);
  });

  it("colours only a terminal, and not with NO_COLOR or TERM=dumb", () => {
    expect(fake(true).terminal.style("red", "x")).toContain("\u001b[31m");
    expect(fake(false).terminal.style("red", "x")).toBe("x");
    expect(fake(true, { NO_COLOR: "1" }).terminal.style("red", "x")).toBe("x");
    expect(fake(true, { TERM: "dumb" }).terminal.style("red", "x")).toBe("x");
  });

  it("draws over itself on a terminal, cut to its width, and nowhere else", () => {
    const { terminal, err } = fake(true);
    terminal.draw("y".repeat(100));
    terminal.talk("next");
    expect(err).toEqual([`\r\u001b[2K${"y".repeat(39)}`, "\n", "next\n"]);
    const silent = fake(false);
    silent.terminal.draw("z");
    expect(silent.err).toEqual([]);
  });
});

describe("tellError", () => {
  const error = new PartIsOff({
    part: "kafka",
    reason: "Java is missing",
    remedy: "Install Java 17.",
    cause: new Error("ENOENT java"),
  });

  it("says what happened, why, what to do, and the code; gives the exit code", () => {
    const { terminal, err } = fake(false);
    expect(tellError(terminal, error, false)).toBe(EXIT.partDown);
    expect(err.join("")).toBe(
      'error The part "kafka" is off: Java is missing.\n  why   ENOENT java\n  do    Install Java 17.\n  code  part.off (exit 69)\n',
    );
  });

  it("gives the same as data with --json, without secrets", () => {
    const { terminal, out } = fake(false);
    tellError(terminal, new Error("x", { cause: new Error("y") }), true);
    tellError(
      terminal,
      new UnknownName({ what: "chapter", name: String(new Secret("hunter2")), known: ["index"] }),
      true,
    );
    expect(out.map((line) => (JSON.parse(line) as { error: { message: string } }).error.message)).toEqual([
      "x",
      '"[secret]" is no chapter.',
    ]);
  });

  it("turns what Commander refuses into an error with code and remedy", () => {
    const refused = new UsageRefused(
      new CommanderError(1, "commander.unknownOption", "error: unknown option '--x'\n(Did you mean --y?)"),
    );
    expect(refused).toMatchObject({
      code: "usage.unknown-option",
      exit: EXIT.usage,
      message: "Unknown option '--x' (Did you mean --y?)",
    });
  });
});
