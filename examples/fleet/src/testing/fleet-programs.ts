// For tests: the fleet's programs as processes of their own, and what they say.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { waitUntil } from "@tidegate/kernel";
import type { ServiceName } from "../constants.ts";

interface Line {
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface FleetProgram {
  readonly child: ChildProcess;
  /** One per event, as they came on stdout. */
  readonly lines: readonly Line[];
  /** Resolves with the line; throws when it ends without it. `count`: the n-th such line. */
  readonly line: (message: string, count?: number) => Promise<Line>;
  /** Port of its /health. */
  readonly port: () => Promise<number>;
  /** Sends the signal, if it still runs, and gives its exit code; null for one that was killed. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
  /** Waits for its end. */
  readonly ended: () => Promise<number | null>;
}

export interface FleetPrograms extends AsyncDisposable {
  readonly run: (name: ServiceName | "traffic", env?: Readonly<Record<string, string>>) => FleetProgram;
}

const LINE_LIMIT_MS = 60_000;

/** Whatever still runs at the end is killed. `env` goes to each of them. */
export function openFleetPrograms(env: Readonly<Record<string, string>>): FleetPrograms {
  const programs: FleetProgram[] = [];
  return {
    run: (name, more = {}) => {
      const program = start(name, { ...env, ...more });
      programs.push(program);
      return program;
    },
    [Symbol.asyncDispose]: async () => {
      for (const program of programs.toReversed()) await program.stop("SIGKILL");
    },
  };
}

function start(name: string, env: Readonly<Record<string, string>>): FleetProgram {
  const path = fileURLToPath(new URL(`../${name}/main.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", path], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env["PATH"], ...env },
  });
  const lines: Line[] = [];
  createInterface(child.stdout).on("line", (line) => lines.push(JSON.parse(line) as Line));
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const ended = async (): Promise<number | null> => {
    if (!isOver()) await once(child, "close");
    return child.exitCode;
  };
  const line = async (message: string, count = 1): Promise<Line> => {
    const look = (): Line | undefined => {
      const wasOver = isOver();
      const found = lines.filter((one) => one.message === message)[count - 1];
      if (found === undefined && wasOver) throw new Error(`${name} ended: ${JSON.stringify(lines.slice(-3))}`);
      return found;
    };
    const remedy = `Its last lines: ${JSON.stringify(lines.slice(-3))}`;
    return waitUntil(look, { what: `Line "${message}" of ${name}`, limitMs: LINE_LIMIT_MS, remedy, everyMs: 10 });
  };
  return {
    child,
    lines,
    line,
    port: async () => Number((await line(name === "traffic" ? "traffic is up" : "listening"))["port"]),
    stop: async (signal = "SIGTERM") => {
      if (!isOver()) child.kill(signal);
      return ended();
    },
    ended,
  };
}
