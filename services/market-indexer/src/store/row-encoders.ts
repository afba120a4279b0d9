// One COPY encoder for each table that a batch has rows for, used again for the next batch.
import { copyTables, createCopyEncoder, type CopyEncoder, type CopyTarget, type PoolClient } from "@tidegate/postgres";
import type { CopyTable } from "./copy-table.ts";

export interface RowEncoders {
  readonly write: <Row>(table: CopyTable<Row>, row: Row) => void;
  /** The tables with rows. */
  readonly targets: () => readonly CopyTarget[];
  readonly clear: () => void;
}

/** Small at first: some tables have a row now and then. */
const CHUNK_BYTES = 2 ** 16;

export function createRowEncoders(): RowEncoders {
  const byTable = new Map<string, { readonly columns: readonly string[]; readonly encoder: CopyEncoder }>();
  return {
    write: (table, row) => {
      let there = byTable.get(table.name);
      if (there === undefined) {
        there = { columns: table.columns, encoder: createCopyEncoder({ chunkBytes: CHUNK_BYTES }) };
        byTable.set(table.name, there);
      }
      there.encoder.startRow(table.columns.length);
      table.write(there.encoder, row);
    },
    targets: () =>
      [...byTable].flatMap(([table, { columns, encoder }]) =>
        encoder.rows === 0 ? [] : [{ table, columns, rows: encoder }],
      ),
    clear: () => {
      for (const { encoder } of byTable.values()) encoder.clear();
    },
  };
}

/** COPYs the rows that `write` writes, in one round trip; the encoders are empty before and after. */
export async function copyWritten(client: PoolClient, encoders: RowEncoders, write: () => void): Promise<void> {
  try {
    write();
    await copyTables({ client, targets: encoders.targets() });
  } finally {
    encoders.clear();
  }
}
