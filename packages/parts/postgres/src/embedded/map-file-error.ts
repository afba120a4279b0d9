// From what the file system refuses to what the reader can do about it.
import { describeError, TidegateError } from "@tidegate/kernel";
import { PostgresDiskFull } from "../errors/connection-errors.ts";
import { PostgresDataDirUnusable } from "../errors/embedded-errors.ts";

/** Typed errors for a full disk and for folders that are not ours; other errors unchanged. */
export function mapFileError(thrown: unknown, dir: string): Error {
  if (!(thrown instanceof Error)) return new Error(String(thrown));
  if (thrown instanceof TidegateError) return thrown;
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new PostgresDiskFull({ where: dir, reason: "no space left on device", cause: thrown });
  }
  if (code !== undefined && NOT_OURS.has(code)) {
    return new PostgresDataDirUnusable({
      dir,
      reason: describeError(thrown),
      remedy: "Name a folder that this user can write, or run as the user that made it.",
      cause: thrown,
    });
  }
  return thrown;
}

const NOT_OURS: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR"]);
