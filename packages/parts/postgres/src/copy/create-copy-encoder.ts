// Rows in PostgreSQL's binary COPY format, written straight into reused buffers.
// Format: PostgreSQL documentation, COPY, "Binary Format".
import { createByteWriters, type ByteWriters } from "./byte-writers.ts";
import { assertRowComplete, createEncoderState, type EncoderState } from "./encoder-state.ts";
import { createNumberWriters, type NumberWriters } from "./number-writers.ts";

/**
 * Takes rows value by value: `startRow(n)`, then n values in the order of the columns.
 *
 * A value's method must be that of its column's type: the binary format converts nothing. Each throws CopyValueInvalid for a
 * value that does not fit; the row is unfinished then, and the encoder is to be cleared.
 */
export interface CopyEncoder extends NumberWriters, ByteWriters {
  startRow(fieldCount: number): void;
  /** Rows begun. */
  readonly rows: number;
  /** Bytes of the stream so far. */
  readonly byteLength: number;
  /** The whole stream as CopyData messages; throws CopyRowIncomplete. The encoder stays as it is, to be sent again. */
  frames(): readonly Uint8Array[];
  /** Forgets the rows and keeps the memory; what `frames` gave is overwritten. */
  clear(): void;
}

export interface CopyEncoderOptions {
  /** Size of a chunk, which is also the size of a network write. Default 262,144. */
  readonly chunkBytes?: number;
}

/** Signature, flags (none), length of the header's extension (none). */
const STREAM_HEADER = Buffer.concat([Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"), Buffer.alloc(8)]);

export function createCopyEncoder(options: CopyEncoderOptions = {}): CopyEncoder {
  const state = createEncoderState(options.chunkBytes ?? 262_144);
  writeStreamHeader(state);
  return {
    ...createNumberWriters(state),
    ...createByteWriters(state),
    startRow: (fieldCount) => {
      assertRowComplete(state);
      const chunk = state.buffer.room(2);
      chunk.view.setInt16(chunk.end, fieldCount);
      chunk.end += 2;
      state.missing = fieldCount;
      state.rows++;
    },
    get rows() {
      return state.rows;
    },
    get byteLength() {
      return state.buffer.byteLength;
    },
    frames: () => {
      assertRowComplete(state);
      return state.buffer.frames();
    },
    clear: () => {
      state.buffer.clear();
      state.rows = 0;
      state.missing = 0;
      writeStreamHeader(state);
    },
  };
}

function writeStreamHeader(state: EncoderState): void {
  const chunk = state.buffer.room(STREAM_HEADER.length);
  chunk.bytes.set(STREAM_HEADER, chunk.end);
  chunk.end += STREAM_HEADER.length;
}
