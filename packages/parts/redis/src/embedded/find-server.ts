// The Redis or Valkey server of this machine.
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

export interface ServerProgram {
  readonly path: string;
  /** The name under which it must be called: one file of Debian's is three programs, told apart by it. */
  readonly argv0: string;
}

export interface RedisOff {
  readonly reason: string;
  readonly remedy: string;
}

const NAMES = ["redis-server", "valkey-server"];

/** From Debian's redis-tools, whose check program is the server under another name; redis-server only adds a service to it. */
const DEBIAN_TOOL = "/usr/bin/redis-check-rdb";

export function findServer(env: NodeJS.ProcessEnv = process.env): ServerProgram | undefined {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const name of NAMES) {
    const path = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (path !== undefined) return { path, argv0: name };
  }
  if (isDebian() && isExecutable(DEBIAN_TOOL)) return { path: DEBIAN_TOOL, argv0: "redis-server" };
  return undefined;
}

/** Why the embedded server is off here; undefined when it can run, or can be installed by `installServer`. */
export function redisOff(env: NodeJS.ProcessEnv = process.env): RedisOff | undefined {
  if (findServer(env) !== undefined || canInstall()) return undefined;
  return {
    reason: "there is no redis-server on the PATH",
    remedy: "Install one (on Debian, as root: apt-get install redis-server), or set REDIS_URL to a server.",
  };
}

export function canInstall(): boolean {
  return isDebian() && process.getuid?.() === 0 && isExecutable("/usr/bin/apt-get");
}

function isDebian(): boolean {
  return existsSync("/etc/debian_version");
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
