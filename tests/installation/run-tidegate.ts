// Runs the launcher as a person would, and reads what it says about a failure.
import { spawn } from "node:child_process";

const launcher = new URL("../../tidegate", import.meta.url).pathname;

export interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the line `code  …`. */
  readonly code: string | undefined;
  /** From the line `do  …`. */
  readonly remedy: string | undefined;
}

/** Runs `./tidegate` to its end, at most two minutes; variables of this process that configure an installation are left out. */
export async function runTidegate(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { DATABASE_URL: _1, ETH_RPC_URL: _2, RPC_URL: _3, ...rest } = process.env;
  const child = spawn(launcher, args, {
    env: { ...rest, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 120_000,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const exit = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const said = (label: string): string | undefined => new RegExp(`^  ${label}\\s+(.+)$`, "m").exec(stderr)?.[1];
  return { exit, stdout, stderr, code: said("code")?.replace(/ \(exit \d+\)$/, ""), remedy: said("do") };
}
