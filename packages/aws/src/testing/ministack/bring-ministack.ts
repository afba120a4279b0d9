// MiniStack from the package index, in the versions of ministack/requirements.txt, into node_modules/.cache of this checkout.
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PartIsOff } from "@tidegate/kernel";

const REQUIREMENTS = fileURLToPath(new URL("../../../ministack/requirements.txt", import.meta.url));
const LIMIT_MS = 240_000;
const PYTHONS = ["python3", "python3.13", "python3.12", "python3.11", "python3.10"];

export interface Ministack {
  readonly python: string;
  /** For PYTHONPATH. */
  readonly folder: string;
}

/** The first time about 80 MB are brought; afterwards nothing is asked of the index. Throws PartIsOff. */
export async function bringMinistack(): Promise<Ministack> {
  const python = await findPython();
  const digest = createHash("sha256")
    .update(await readFile(REQUIREMENTS))
    .update(python)
    .digest("hex")
    .slice(0, 12);
  const cache = join(nodeModules(), ".cache", "tidegate");
  const folder = join(cache, `ministack-${digest}`);
  if (existsSync(folder)) return { python, folder };
  const partial = `${folder}.${randomBytes(4).toString("hex")}`;
  await mkdir(cache, { recursive: true });
  try {
    await promisify(execFile)(
      python,
      [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--disable-pip-version-check",
        "--target",
        partial,
        "-r",
        REQUIREMENTS,
      ],
      { timeout: LIMIT_MS, maxBuffer: 2 ** 24 },
    );
    // Whole or not at all; of two that bring it at once, the first wins.
    await rename(partial, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
    return { python, folder };
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim().split("\n").at(-1) ?? "";
    throw off(
      `pip could not bring it${said === "" ? "" : ` (${said.slice(0, 300)})`}`,
      "Check that `python3 -m pip` works and reaches its package index.",
      cause,
    );
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function findPython(): Promise<string> {
  for (const name of PYTHONS) {
    const version = await promisify(execFile)(name, ["-c", "import sys, pip; print(sys.version_info >= (3, 10))"], {
      timeout: 20_000,
    }).catch(() => undefined);
    if (version?.stdout.trim() === "True") return name;
  }
  throw off("no Python 3.10 or newer with pip is on the PATH", "Install python3 and python3-pip.");
}

function nodeModules(): string {
  const found = createRequire(import.meta.url).resolve("@aws-sdk/client-ecs");
  return found.slice(0, found.indexOf(`${sep}@aws-sdk${sep}`));
}

function off(reason: string, remedy: string, cause?: unknown): PartIsOff {
  return new PartIsOff({ part: "ministack", reason, remedy, cause });
}
