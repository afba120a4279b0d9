// Numbers and times in the binary COPY format: as int4recv, int8recv, numeric_recv and timestamptz_recv read them.
import { beginValue, invalidValue, type EncoderState } from "./encoder-state.ts";
import { createNumericDigits, MAX_NUMERIC_DIGITS, splitNumeric } from "./numeric-digits.ts";

export interface NumberWriters {
  /** integer */
  int4(value: number): void;
  /** bigint; a number must be a safe integer. */
  int8(value: number | bigint): void;
  /** numeric(p) without decimals, exact, up to 131,072 digits. */
  numeric(value: bigint): void;
  /** timestamptz, to the millisecond. */
  timestamptz(value: Date): void;
  /** timestamptz from seconds since 1970, as blocks carry them. */
  timestamptzSeconds(value: number | bigint): void;
}

const NUMERIC_NEGATIVE = 0x4000;
const INT8_MIN = -(2n ** 63n);
const INT8_MAX = 2n ** 63n - 1n;
/** Seconds from 1970 to 2000, where PostgreSQL's timestamps begin; they count microseconds. */
const POSTGRES_EPOCH_SECONDS = 946_684_800;
const TIME_ALLOWED = "a time within 285 years of the year 2000";

export function createNumberWriters(state: EncoderState): NumberWriters {
  return {
    int4: (value) => {
      if ((value | 0) !== value) throw invalidValue(state, "int4", value, "a whole number of 32 bits");
      const chunk = beginValue(state, 4);
      chunk.view.setInt32(chunk.end, value);
      chunk.end += 4;
    },
    int8: (value) => {
      if (typeof value === "number") writeSafeInteger(state, value, "int8", "a safe integer, or a bigint");
      else writeBigint(state, value);
    },
    numeric: createNumericWriter(state),
    timestamptz: (value) => {
      const microseconds = (value.getTime() - POSTGRES_EPOCH_SECONDS * 1_000) * 1_000;
      writeSafeInteger(state, microseconds, "timestamptz", TIME_ALLOWED);
    },
    timestamptzSeconds: (value) => {
      const microseconds = (Number(value) - POSTGRES_EPOCH_SECONDS) * 1_000_000;
      writeSafeInteger(state, microseconds, "timestamptz", TIME_ALLOWED);
    },
  };
}

/** Two halves of 32 bits: the number never becomes a bigint. */
function writeSafeInteger(state: EncoderState, value: number, type: string, allowed: string): void {
  if (!Number.isSafeInteger(value)) throw invalidValue(state, type, value, allowed);
  const chunk = beginValue(state, 8);
  chunk.view.setInt32(chunk.end, Math.floor(value / 4_294_967_296));
  chunk.view.setUint32(chunk.end + 4, value >>> 0);
  chunk.end += 8;
}

function writeBigint(state: EncoderState, value: bigint): void {
  if (value > INT8_MAX || value < INT8_MIN) throw invalidValue(state, "int8", value, "a whole number of 64 bits");
  const chunk = beginValue(state, 8);
  chunk.view.setBigInt64(chunk.end, value);
  chunk.end += 8;
}

function createNumericWriter(state: EncoderState): (value: bigint) => void {
  const split = createNumericDigits();
  return (value) => {
    if (!splitNumeric(value, split))
      throw invalidValue(state, "numeric", "a value", `at most ${MAX_NUMERIC_DIGITS} digits`);
    const { count, digits } = split;
    const chunk = beginValue(state, 8 + count * 2);
    const { view, end } = chunk;
    view.setInt16(end, count);
    view.setInt16(end + 2, split.weight);
    view.setUint16(end + 4, split.negative ? NUMERIC_NEGATIVE : 0);
    view.setUint16(end + 6, 0);
    for (let index = 0; index < count; index++) view.setInt16(end + 8 + index * 2, digits[index] ?? 0);
    chunk.end += 8 + count * 2;
  };
}
