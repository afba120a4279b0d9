// A table as a target of COPY: its columns, and how a row of ours becomes theirs.
import { copyRows, type CopyEncoder, type PoolClient } from "@tidegate/postgres";

export interface CopyTable<Row> {
  readonly name: string;
  readonly columns: readonly string[];
  /** Writes one value for each column, in their order. */
  readonly write: (to: CopyEncoder, row: Row) => void;
}

/** COPYs rows into the table; the encoder is empty before and after. */
export async function copyTable<Row>(
  client: PoolClient,
  encoder: CopyEncoder,
  table: CopyTable<Row>,
  rows: Iterable<Row>,
): Promise<void> {
  try {
    for (const row of rows) {
      encoder.startRow(table.columns.length);
      table.write(encoder, row);
    }
    await copyRows({ client, table: table.name, columns: table.columns, rows: encoder });
  } finally {
    encoder.clear();
  }
}

/** A uint256 as the 32 bytes, big-endian, that the tables keep of an id. */
export function writeId(to: CopyEncoder, id: bigint): void {
  to.byteaHex(`0x${id.toString(16).padStart(64, "0")}`);
}
