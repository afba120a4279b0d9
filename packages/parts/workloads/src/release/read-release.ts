// Reading a release from its folder.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { z } from "zod";
import { ReleaseInvalid, ReleaseNotFound } from "../errors.ts";
import { releaseSchema, releaseTag, type Release } from "./release-schema.ts";

export interface ReleaseOnDisk extends Release {
  /** Absolute path of `releases/<tag>`. */
  readonly dir: string;
}

/** Reads and checks `<releasesDir>/<tag>/release.json`. Throws ReleaseNotFound or ReleaseInvalid. */
export function readRelease(releasesDir: string, tag: string): ReleaseOnDisk {
  const dir = resolve(releasesDir, tag);
  const file = join(dir, "release.json");
  if (!releaseTag.safeParse(tag).success) throw new ReleaseNotFound({ release: tag, file });
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new ReleaseNotFound({ release: tag, file, cause });
  }
  const release = parseRelease(text, { tag, file });
  if (release.tag !== tag)
    throw new ReleaseInvalid({ release: tag, file, problems: [`its tag says "${release.tag}", its folder "${tag}"`] });
  return { ...release, dir };
}

function parseRelease(text: string, about: { tag: string; file: string }): Release {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ReleaseInvalid({ release: about.tag, file: about.file, problems: ["it is not JSON"], cause });
  }
  const parsed = releaseSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ReleaseInvalid({ release: about.tag, file: about.file, problems: problemsOf(parsed.error) });
}

function problemsOf(error: z.ZodError): string[] {
  return error.issues.map(
    (issue) => `${issue.path.length === 0 ? "the file" : issue.path.join(".")}: ${issue.message}`,
  );
}
