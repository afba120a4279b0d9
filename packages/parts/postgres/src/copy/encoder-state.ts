// What the value writers of a COPY encoder share.
import { CopyRowIncomplete, CopyValueInvalid } from "../errors/copy-errors.ts";
import { createCopyBuffer, type Chunk, type CopyBuffer } from "./copy-buffer.ts";

export interface EncoderState {
  readonly buffer: CopyBuffer;
  /** Rows begun. */
  rows: number;
  /** Values that the row begun last still lacks. */
  missing: number;
}

export function createEncoderState(chunkBytes: number): EncoderState {
  return { buffer: createCopyBuffer(chunkBytes), rows: 0, missing: 0 };
}

/** Writes the length of the next value and returns the chunk, with room for the value at its `end`. */
export function beginValue(state: EncoderState, length: number): Chunk {
  state.missing--;
  const chunk = state.buffer.room(4 + length);
  chunk.view.setInt32(chunk.end, length);
  chunk.end += 4;
  return chunk;
}

export function assertRowComplete(state: EncoderState): void {
  if (state.missing !== 0) throw new CopyRowIncomplete({ row: state.rows, missing: state.missing });
}

export function invalidValue(state: EncoderState, type: string, value: unknown, allowed: string): CopyValueInvalid {
  return new CopyValueInvalid({ type, value: String(value).slice(0, 80), allowed, row: state.rows });
}
