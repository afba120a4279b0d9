// Lines that are redrawn in place: one write a frame, so nothing flickers.

export interface LiveScreen {
  draw(lines: readonly string[]): void;
  /** Leaves the last frame standing. */
  end(): void;
}

export function createLiveScreen(stream: Pick<NodeJS.WriteStream, "write">): LiveScreen {
  let drawn = 0;
  let last = "";
  return {
    draw: (lines) => {
      const frame = lines.map((line) => `${line}\u001b[K\n`).join("");
      if (frame === last) return;
      // Up to the first line of the last frame, over it, and away with what it had below.
      const up = drawn === 0 ? "" : `\u001b[${drawn}A`;
      stream.write(`${up}${frame}\u001b[J`);
      drawn = lines.length;
      last = frame;
    },
    end: () => {
      drawn = 0;
      last = "";
    },
  };
}
