// `tidegate up --detach`: starts another `tidegate up` that nobody watches, and returns once everything is healthy.
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT, TidegateError, waitUntil, type ExitCode } from "@tidegate/kernel";
import { findSupervisor, type Workloads } from "@tidegate/workloads";
import type { Installation, UpInput } from "../installation/command-input.ts";
import { readInstalled } from "../installation/installed.ts";
import { chosenServices } from "../installation/release.ts";
import { readComponents } from "../installation/read-components.ts";
import { isHealthy } from "../installation/wait-for-healthy.ts";
import { statusLines } from "../terminal/status-lines.ts";

/** As long as the `up` behind it waits, and a little more, so that its own words come first. */
const LIMIT_MS = 320_000;

/** Exit 0 when all is healthy. A start that fails gives the exit code and the words of the `up` behind it. */
export async function upDetached(input: UpInput, installation: Installation, workloads: Workloads): Promise<ExitCode> {
  const { terminal, env } = input;
  const { home } = installation.paths;
  mkdirSync(home, { recursive: true });
  const logPath = join(home, "up.log");
  const log = openSync(logPath, "w", 0o600);
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const envFile = input.envFile === undefined ? [] : ["--settings-file", input.envFile];
  const child = spawn(process.execPath, [main, "up", ...input.argv, ...envFile], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...env, NO_COLOR: "1" },
  });
  closeSync(log);
  child.unref();

  let ended: { readonly code: number | null } | undefined;
  child.once("exit", (code) => (ended = { code }));
  await waitUntil(
    async () => {
      if (ended !== undefined) throw new UpEnded({ code: ended.code, logPath });
      if (findSupervisor(installation.paths.state)?.pid !== child.pid) return undefined;
      // Written before the supervisor runs.
      const services = chosenServices(installation.config, readInstalled(home).off);
      const all = await Promise.all(services.map(async (name) => workloads.describe(name)));
      return all.every(isHealthy) || undefined;
    },
    {
      what: "A healthy state of every service",
      limitMs: LIMIT_MS,
      everyMs: 200,
      remedy: `Look with \`tidegate status\` and in ${logPath}; stop it with \`tidegate down\`.`,
    },
  );
  for (const line of statusLines(terminal, readInstalled(home), await readComponents(workloads))) terminal.talk(line);
  terminal.talk(
    `Running in the background; \`tidegate status\` looks, \`tidegate down\` stops it. Its own words are in ${logPath}.`,
  );
  return EXIT.ok;
}

/** The `up` in the background gave up: its last words and its exit code are passed on. */
class UpEnded extends TidegateError {
  override readonly name = "UpEnded";
  constructor(facts: { code: number | null; logPath: string }) {
    const words = readFileSync(facts.logPath, "utf8").trimEnd();
    const error = words.slice(Math.max(0, words.lastIndexOf("\nerror ")));
    const said = (label: string): string | undefined => new RegExp(`^  ${label}\\s+(.*)$`, "m").exec(error)?.[1];
    super({
      code: said("code")?.replace(/ \(exit \d+\)$/, "") ?? "up.ended",
      message:
        /error (.*)$/m.exec(error)?.[1] ??
        `The installation ended with ${facts.code === null ? "a signal" : `exit code ${facts.code}`} before it was healthy.`,
      remedy: said("do") ?? `Read ${facts.logPath}.`,
      details: { log: facts.logPath },
      exit: (facts.code ?? EXIT.failed) as ExitCode,
    });
  }
}
