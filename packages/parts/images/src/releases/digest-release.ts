// The digest of a release's folder: what lies in it, and nothing else, decides it.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ReleaseTooLarge, ReleaseUnreadable } from "../errors.ts";

export interface DigestLimits {
  readonly files: number;
  readonly bytes: number;
}

/** A release is programs and manifests. What is larger is a mistake, and would make every look at it slow. */
export const DIGEST_LIMITS: DigestLimits = { files: 20_000, bytes: 1024 ** 3 };

type Entry = readonly [path: string, kind: "file" | "program" | "link" | "folder", content: string];

/** Says which form the list below has: another one gives other digests. */
const FORM = "tidegate-release-1";

/**
 * `sha256:` and 64 hexadecimal digits, over one line per entry, sorted by path: path, kind, sha256 of the content. Owner, times and modes
 * do not count, except whether a file may be executed; of a symbolic link its text counts, it is not followed.
 *
 * Throws ReleaseTooLarge; ReleaseUnreadable for what is no file, folder or link, or changes under the reader's eyes.
 */
export async function digestRelease(
  release: { readonly tag: string; readonly dir: string },
  limits: DigestLimits = DIGEST_LIMITS,
): Promise<string> {
  const entries: Entry[] = [];
  let bytes = 0;
  const visit = async (path: string): Promise<void> => {
    for (const name of await readdir(join(release.dir, path))) {
      const below = path === "" ? name : `${path}/${name}`;
      if (entries.length >= limits.files)
        throw new ReleaseTooLarge({ release: release.tag, limit: "files", allowed: limits.files });
      const full = join(release.dir, below);
      const stat = await lstat(full);
      if (stat.isDirectory()) {
        entries.push([below, "folder", ""]);
        await visit(below);
      } else if (stat.isSymbolicLink()) {
        entries.push([below, "link", await readlink(full)]);
      } else if (stat.isFile()) {
        const read = await digestFile(full, limits.bytes - bytes);
        if (read === undefined)
          throw new ReleaseTooLarge({ release: release.tag, limit: "bytes", allowed: limits.bytes });
        bytes += read.bytes;
        entries.push([below, (stat.mode & 0o111) === 0 ? "file" : "program", read.digest]);
      } else {
        throw new ReleaseUnreadable({
          release: release.tag,
          path: full,
          problem: "it is neither a file, a folder nor a link",
        });
      }
    }
  };
  await readOrSay(release.tag, release.dir, async () => visit(""));
  const list = [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map((entry) => `${JSON.stringify(entry)}\n`);
  return `sha256:${createHash("sha256").update(`${FORM}\n`).update(list.join("")).digest("hex")}`;
}

/** Undefined as soon as more than `allowed` bytes were read: what `lstat` said may have changed since. */
async function digestFile(file: string, allowed: number): Promise<{ digest: string; bytes: number } | undefined> {
  const hash = createHash("sha256");
  let bytes = 0;
  await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > allowed) break;
      hash.update(chunk);
    }
  });
  return bytes > allowed ? undefined : { digest: hash.digest("hex"), bytes };
}

async function readOrSay(tag: string, dir: string, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (cause) {
    const { code, path } = cause as NodeJS.ErrnoException;
    if (code === undefined || path === undefined) throw cause;
    throw new ReleaseUnreadable({ release: tag, path: path === "" ? dir : path, problem: `it gives ${code}`, cause });
  }
}
