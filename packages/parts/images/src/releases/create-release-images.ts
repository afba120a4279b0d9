// Images of one machine: an image is a service or a function in a release, pinned by what lies in the release's folder.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ImageNotFound, ReleaseUnreadable, RepositoryUnknown } from "../errors.ts";
import type { ImageReference, Images } from "../port.ts";
import { DIGEST_LIMITS, digestRelease, type DigestLimits } from "./digest-release.ts";
import { readContents } from "./read-contents.ts";
import { formatReleaseUri, isReleaseTag } from "./release-uri.ts";

export interface ReleaseImagesOptions {
  readonly releasesDir: string;
  /** How much a release's folder may hold. Default 20,000 entries and 1 GiB. */
  readonly limits?: DigestLimits;
}

/** A repository is the name of a service in `release.json` or of a function in `functions.json`, a tag that of the folder. */
export function createReleaseImages(options: ReleaseImagesOptions): Images {
  const { releasesDir } = options;
  return {
    resolve: async ({ repository, tag }): Promise<ImageReference> => {
      const contents = isReleaseTag(tag) ? await readContents(releasesDir, tag) : undefined;
      if (contents?.includes(repository) !== true) throw await notThere(releasesDir, repository, tag);
      const dir = join(releasesDir, tag);
      const digest = await digestRelease({ tag, dir }, options.limits ?? DIGEST_LIMITS);
      const uri = formatReleaseUri({ tag, digest });
      return { repository, tag, digest, uri, pushedAt: (await stat(dir)).mtime.toISOString() };
    },
  };
}

/** Which of the two it is: a name that no release has, or one that this release does not have. */
async function notThere(releasesDir: string, repository: string, tag: string): Promise<Error> {
  const names = new Set<string>();
  const tags: string[] = [];
  for (const other of await releaseFolders(releasesDir)) {
    const contents = await readableContents(releasesDir, other);
    for (const name of contents) names.add(name);
    if (contents.includes(repository)) tags.push(other);
  }
  return tags.length === 0
    ? new RepositoryUnknown({ repository, where: releasesDir, known: [...names].sort() })
    : new ImageNotFound({ repository, tag, where: releasesDir, tags });
}

async function releaseFolders(releasesDir: string): Promise<readonly string[]> {
  try {
    return (await readdir(releasesDir)).filter(isReleaseTag).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Of other releases than the one asked for, a broken one only has nothing to suggest. */
async function readableContents(releasesDir: string, tag: string): Promise<readonly string[]> {
  try {
    return (await readContents(releasesDir, tag)) ?? [];
  } catch (error) {
    if (error instanceof ReleaseUnreadable) return [];
    throw error;
  }
}
