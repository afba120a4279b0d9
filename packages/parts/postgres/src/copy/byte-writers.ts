// Bytes, text, booleans and nulls in the binary COPY format: as bytearecv, textrecv and boolrecv read them.
import { beginValue, invalidValue, type EncoderState } from "./encoder-state.ts";

export interface ByteWriters {
  null(): void;
  bool(value: boolean): void;
  bytea(value: Uint8Array): void;
  /** bytea from "0x…" with an even number of digits, as JSON-RPC writes it. */
  byteaHex(value: string): void;
  /** text, varchar; lone surrogates become U+FFFD, and the server refuses U+0000. */
  text(value: string): void;
}

export function createByteWriters(state: EncoderState): ByteWriters {
  return {
    null: () => {
      state.missing--;
      const chunk = state.buffer.room(4);
      chunk.view.setInt32(chunk.end, -1);
      chunk.end += 4;
    },
    bool: (value) => {
      const chunk = beginValue(state, 1);
      chunk.bytes[chunk.end] = value ? 1 : 0;
      chunk.end += 1;
    },
    bytea: (value) => {
      const chunk = beginValue(state, value.length);
      chunk.bytes.set(value, chunk.end);
      chunk.end += value.length;
    },
    byteaHex: (value) => {
      const length = (value.length - 2) / 2;
      if (!value.startsWith("0x") || !Number.isInteger(length)) throw invalidHex(state, value);
      const chunk = beginValue(state, length);
      // Node stops at the first character that is no hexadecimal digit.
      if (chunk.bytes.write(value.slice(2), chunk.end, length, "hex") !== length) throw invalidHex(state, value);
      chunk.end += length;
    },
    text: (value) => {
      state.missing--;
      // At most three bytes for each UTF-16 unit; counting them is worth it only for a long text.
      const chunk = state.buffer.room(4 + (value.length <= 1_024 ? value.length * 3 : Buffer.byteLength(value)));
      const length = chunk.bytes.write(value, chunk.end + 4, "utf8");
      chunk.view.setInt32(chunk.end, length);
      chunk.end += 4 + length;
    },
  };
}

function invalidHex(state: EncoderState, value: string): Error {
  return invalidValue(
    state,
    "bytea",
    JSON.stringify(value.slice(0, 70)),
    "0x and an even number of hexadecimal digits",
  );
}
