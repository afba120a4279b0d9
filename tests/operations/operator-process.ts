// An operator as a process of its own: started, listened to by its log, killed.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { waitUntil, type Secret } from "@tidegate/kernel";

const MAIN = fileURLToPath(new URL("../../apps/operator/src/main.ts", import.meta.url));
export const TOKEN = "tg_of-the-chaos-tests-0123456789";

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly runId?: string;
  readonly step?: string;
  readonly port?: number;
  /** ISO. */
  readonly time?: string;
}

export interface OperatorProcess {
  readonly url: string;
  readonly pid: number;
  readonly lines: readonly LogLine[];
  /** Called for each line of its log, before anything else happens with it. */
  onLine(listener: (line: LogLine) => void): void;
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export interface OperatorOptions {
  readonly databaseUrl: Secret;
  readonly env?: Readonly<Record<string, string>>;
}

/** Resolves when its engine is open. The folder that it needs is removed with `using` of the returned value of `operatorFolder`. */
export async function startOperator(folder: string, options: OperatorOptions): Promise<OperatorProcess> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      DATABASE_URL: options.databaseUrl.reveal(),
      TIDEGATE_STATE_DIR: join(folder, "state"),
      TIDEGATE_RELEASES_DIR: join(folder, "releases"),
      TIDEGATE_TOKENS_FILE: join(folder, "tokens.json"),
      TIDEGATE_REHEARSAL_LEDGER: ledgerIn(folder),
      ...options.env,
    },
  });
  const lines: LogLine[] = [];
  const listeners: Array<(line: LogLine) => void> = [];
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as LogLine;
    lines.push(line);
    for (const listener of listeners) listener(line);
  });
  const ended = ending(child);
  const opened = async (): Promise<LogLine> => {
    try {
      const line = await said("The operator listens");
      await said("The engine is open");
      return line;
    } catch (error) {
      // Nobody would know of it, and it would work all the same.
      child.kill("SIGKILL");
      await ended;
      throw error;
    }
  };
  const said = async (message: string): Promise<LogLine> =>
    waitUntil(
      () =>
        lines.find((line) => line.message === message) ??
        (child.exitCode === null && child.signalCode === null ? undefined : missing(lines)),
      {
        what: `The operator saying "${message}"`,
        limitMs: 120_000,
        everyMs: 10,
        remedy: "Look at its log.",
      },
    );
  const { port } = await opened();
  return {
    url: `http://127.0.0.1:${port ?? 0}`,
    pid: child.pid ?? 0,
    lines,
    onLine: (listener) => void listeners.push(listener),
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    signal: (signal) => void child.kill(signal),
    ended,
  };
}

function missing(lines: readonly LogLine[]): never {
  throw new Error(`The operator ended: ${JSON.stringify(lines.at(-1))}`);
}

async function ending(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? signal;
}

/** Where the operators of a folder write what their rehearsals did. */
export const ledgerIn = (folder: string): string => join(folder, "ledger.jsonl");

/** State, releases and tokens of operators that share an installation. */
export function operatorFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "tidegate-operators-"));
  const tokens = { tokens: [{ name: "tests", role: "admin", token: TOKEN }] };
  writeFileSync(join(path, "tokens.json"), JSON.stringify(tokens), { mode: 0o600 });
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
