// A table as a target of COPY: its columns, and how a row of ours becomes theirs.
import type { CopyEncoder } from "@tidegate/postgres";

export interface CopyTable<Row> {
  readonly name: string;
  readonly columns: readonly string[];
  /** Writes one value for each column, in their order. */
  readonly write: (to: CopyEncoder, row: Row) => void;
}

/** A uint256 as the 32 bytes, big-endian. */
export function idBytes(id: bigint): Buffer {
  return Buffer.from(id.toString(16).padStart(64, "0"), "hex");
}

/** A uint256 as the 32 bytes, big-endian, that the tables keep of an id. */
export function writeId(to: CopyEncoder, id: bigint): void {
  to.byteaHex(`0x${id.toString(16).padStart(64, "0")}`);
}

/** Where an event that never came leaves a column null. */
export function writeInt8(to: CopyEncoder, value: bigint | undefined): void {
  if (value === undefined) to.null();
  else to.int8(value);
}

export function writeBytea(to: CopyEncoder, value: Buffer | undefined): void {
  if (value === undefined) to.null();
  else to.bytea(value);
}

export function writeNumeric(to: CopyEncoder, value: bigint | undefined): void {
  if (value === undefined) to.null();
  else to.numeric(value);
}
