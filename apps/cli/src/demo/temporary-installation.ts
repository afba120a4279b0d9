// An installation of the tour's own: a temporary home, ports of its own, gone at the end.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TidegateError } from "@tidegate/kernel";
import { checkoutRoot } from "../installation/checkout-root.ts";
import { installationPorts, isPortFree, type InstallationPorts } from "../installation/ports.ts";

const UP_LIMIT_MS = 180_000;

export interface TemporaryInstallation {
  readonly home: string;
  readonly ports: InstallationPorts;
  /** Runs `tidegate` on this installation and gives its stdout; throws when it fails, unless told that it may. */
  readonly tidegate: (args: readonly string[], mayFail?: boolean) => string;
  /** Stops everything and removes the home. */
  readonly remove: () => void;
}

type Variables = Readonly<Record<string, string>>;

/**
 * Starts an installation with `up --detach`, the given flags and variables more; `tidegate()` keeps to those variables. They may depend on where the
 * installation will be, and what they name may be put into its home.
 */
export async function startTemporaryInstallation(
  flags: readonly string[],
  variables: Variables | ((place: Pick<TemporaryInstallation, "home" | "ports">) => Promise<Variables>) = {},
): Promise<TemporaryInstallation> {
  const home = mkdtempSync(join(tmpdir(), "tidegate-demo-"));
  // As root, PostgreSQL runs as another user: passable, the folder can hold its cluster, and is all there is to remove.
  chmodSync(home, 0o711);
  const base = await freePortBase();
  const ports = installationPorts(base);
  const env = typeof variables === "function" ? await variables({ home, ports }) : variables;
  const tidegate = (args: readonly string[], mayFail = false): string => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(checkoutRoot, "apps/cli/src/main.ts"), ...args, "--home", home],
      {
        encoding: "utf8",
        timeout: UP_LIMIT_MS,
        env: { ...process.env, ...env },
      },
    );
    if (status !== 0 && !mayFail) throw new InstallationFailed({ args, status, stderr });
    return stdout;
  };
  const remove = (): void => {
    tidegate(["down"], true);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    tidegate(["up", "--detach", "--port-base", String(base), ...flags]);
  } catch (error) {
    remove();
    throw error;
  }
  return { home, ports, tidegate, remove };
}

/** A base from 20,000 up whose ports are all free now. */
async function freePortBase(): Promise<number> {
  for (let base = 20_000 + (process.pid % 100) * 100; base < 60_000; base += 100) {
    const free = await Promise.all(Object.values(installationPorts(base)).map(isPortFree));
    if (free.every(Boolean)) return base;
  }
  throw new TidegateError({
    code: "demo.no-ports",
    message: "No hundred free ports were found from 20,000 up.",
    remedy: "End what holds them.",
  });
}

class InstallationFailed extends TidegateError {
  override readonly name = "InstallationFailed";
  constructor(facts: { args: readonly string[]; status: number | null; stderr: string }) {
    super({
      code: "demo.installation-failed",
      message: `tidegate ${facts.args.join(" ")} ended with ${facts.status ?? "a signal"}:\n${facts.stderr.trim()}`,
      remedy: "Mend what it says, then run the chapter again.",
    });
  }
}
