// Local functions in a temporary folder for one test, with releases of the sample function, and a check that no process is left.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  createLocalFunctions,
  type LocalFunctions,
  type LocalFunctionsOptions,
} from "../local/create-local-functions.ts";
import type { FunctionsManifest } from "../local/read-function-spec.ts";
import { sampleFunction } from "./sample-function.ts";

export const NAME = "bazooka";

type SpecInput = FunctionsManifest["functions"][string];

export interface TemporaryFunctions {
  readonly dir: string;
  readonly stateDir: string;
  readonly releasesDir: string;
  /** For another client, also in another process. */
  readonly images: LocalFunctionsOptions["images"];
  readonly functions: LocalFunctions;
  /** Writes a release of the sample function, or of another source, and gives its image. */
  readonly release: (tag: string, spec?: Partial<SpecInput>, source?: string) => Promise<string>;
  /** The lines of a file in `dir`; none when there is no file. */
  readonly lines: (file: string) => readonly string[];
  readonly log: () => string;
  /** Removes the folder; throws when a process still works in a release's folder. */
  readonly close: () => void;
}

/** One for the test that runs now. */
export function functionsOfThisTest(options: Partial<LocalFunctionsOptions> = {}): TemporaryFunctions {
  const temporary = createTemporaryFunctions(options);
  onTestFinished(temporary.close);
  return temporary;
}

export function createTemporaryFunctions(options: Partial<LocalFunctionsOptions> = {}): TemporaryFunctions {
  const dir = mkdtempSync(join(tmpdir(), "tidegate-functions-"));
  const stateDir = join(dir, "state");
  const releasesDir = join(dir, "releases");
  const images = flatImages(releasesDir);
  const lines = (file: string): readonly string[] => textOf(join(dir, file)).split("\n").filter(Boolean);
  return {
    dir,
    stateDir,
    releasesDir,
    images,
    functions: createLocalFunctions({ stateDir, releasesDir, images, ...options }),
    release: async (tag, spec = {}, source = sampleFunction(tag)) => {
      mkdirSync(join(releasesDir, tag), { recursive: true });
      writeFileSync(join(releasesDir, tag, "bazooka.mjs"), source);
      const manifest: FunctionsManifest = {
        tag,
        functions: { [NAME]: { handler: "bazooka.mjs#handler", timeoutMs: 20_000, ...spec } },
      };
      writeFileSync(join(releasesDir, tag, "functions.json"), JSON.stringify(manifest));
      return (await images.resolve({ repository: NAME, tag })).uri;
    },
    lines,
    log: () => textOf(join(stateDir, NAME, "log")),
    close: () => {
      const left = processesIn(releasesDir);
      rmSync(dir, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`Processes are left: ${left.join(", ")}`);
    },
  };
}

/** What the adapter needs of @tidegate/images, for releases without folders: parts do not import each other. */
function flatImages(releasesDir: string): LocalFunctionsOptions["images"] {
  return {
    resolve: async ({ tag }) => {
      const hash = createHash("sha256");
      for (const name of readdirSync(join(releasesDir, tag)).sort())
        hash.update(`${name}\0`).update(readFileSync(join(releasesDir, tag, name)));
      return { uri: `release:${tag}@sha256:${hash.digest("hex")}` };
    },
  };
}

/** Processes of anybody whose working folder is in `folder`, by /proc alone. A zombie has none. */
export function processesIn(folder: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const cwd = statSync(`/proc/${pid}/cwd`);
        return readdirSync(folder).some((tag) => {
          const release = statSync(join(folder, tag));
          return release.ino === cwd.ino && release.dev === cwd.dev;
        });
      } catch {
        return false;
      }
    })
    .map(Number);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
