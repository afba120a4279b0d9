// Brings the server on Debian, as root: its package of tools, which starts no service.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PartIsOff } from "@tidegate/kernel";
import { canInstall, findServer, redisOff, type ServerProgram } from "./find-server.ts";

const LIMIT_MS = 240_000;
const PACKAGE = "redis-tools";

/** The server that is there, or that could be installed. Throws PartIsOff. */
export async function installServer(onInstall: () => void = () => undefined): Promise<ServerProgram> {
  const there = findServer();
  if (there !== undefined) return there;
  const off = redisOff();
  if (off !== undefined || !canInstall()) {
    throw new PartIsOff({ part: "redis", reason: off?.reason ?? "it cannot be installed", remedy: off?.remedy ?? "" });
  }
  onInstall();
  const apt = async (...args: string[]): Promise<unknown> =>
    promisify(execFile)("apt-get", ["-o", "DPkg::Lock::Timeout=120", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      timeout: LIMIT_MS,
      maxBuffer: 2 ** 24,
    });
  const install = async (): Promise<unknown> => apt("install", "--yes", "--no-install-recommends", PACKAGE);
  try {
    // A fresh machine has no package lists yet, or old ones.
    await install().catch(async () => {
      await apt("update");
      await install();
    });
  } catch (cause) {
    throw notBrought((cause as Error).message, cause);
  }
  const server = findServer();
  if (server === undefined) throw notBrought("it was installed and is not there", undefined);
  return server;
}

function notBrought(reason: string, cause: unknown): PartIsOff {
  return new PartIsOff({
    part: "redis",
    reason: `apt-get could not bring ${PACKAGE} (${reason.slice(0, 300)})`,
    remedy: `Run apt-get install ${PACKAGE} to see why, or set REDIS_URL to a server.`,
    cause,
  });
}
