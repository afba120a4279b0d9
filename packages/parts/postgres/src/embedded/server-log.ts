// Where the server writes its log, and what it wrote since a moment: the reason when a start fails.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export interface ServerLog {
  /** Given to the server as stdout and stderr. */
  readonly fd: number;
  /** What was written since it was opened, at most the last 8 KiB; "" when it goes to a terminal or a pipe. */
  tail(): string;
  close(): void;
}

const TAIL_BYTES = 8_192;

/** Opens a file for appending; without one, the stderr of this process is inherited. */
export function openServerLog(file: string | undefined): ServerLog {
  const fd = file === undefined ? 2 : openSync(file, "a", 0o600);
  const before = fstatSync(fd);
  return {
    fd,
    tail: () => (before.isFile() ? readFrom(file ?? "/proc/self/fd/2", before.size) : ""),
    close: () => {
      if (file !== undefined) closeSync(fd);
    },
  };
}

function readFrom(path: string, start: number): string {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    // A log that was cut meanwhile begins anew.
    const from = Math.max(size < start ? 0 : start, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - from);
    return buffer.toString("utf8", 0, readSync(fd, buffer, 0, buffer.length, from));
  } finally {
    closeSync(fd);
  }
}
