// Bytes that come in pieces, to lines that come whole.

export interface LineSplitter {
  /** The lines that are complete with these bytes. */
  push(bytes: Buffer): string[];
  /** A last line that never got its end. */
  end(): string[];
}

/** Splits at newlines; a character cut in two by a piece's end is put together again. */
export function createLineSplitter(): LineSplitter {
  let rest: Buffer = Buffer.alloc(0);
  return {
    push: (bytes) => {
      const end = bytes.lastIndexOf(10);
      if (end < 0) {
        rest = Buffer.concat([rest, bytes]);
        return [];
      }
      const lines = Buffer.concat([rest, bytes.subarray(0, end)])
        .toString("utf8")
        .split("\n");
      rest = bytes.subarray(end + 1);
      return lines;
    },
    end: () => {
      const last = rest.toString("utf8");
      rest = Buffer.alloc(0);
      return last === "" ? [] : [last];
    },
  };
}
