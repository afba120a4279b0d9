// The tables of the chain itself: blocks and transactions, as far as events refer to them.
import type { BlockHeader, TransactionOrigin } from "../types.ts";
import type { CopyTable } from "./copy-table.ts";

export const blocksTable: CopyTable<BlockHeader> = {
  name: "blocks",
  columns: ["block_number", "block_hash", "parent_hash", "block_timestamp", "base_fee"],
  write: (to, header) => {
    to.int8(header.number);
    to.byteaHex(header.hash);
    to.byteaHex(header.parentHash);
    to.int8(header.timestamp);
    if (header.baseFeePerGas === null) to.null();
    else to.numeric(header.baseFeePerGas);
  },
};

export interface TransactionRow {
  readonly hash: string;
  readonly origin: TransactionOrigin;
  readonly blockTimestamp: bigint;
}

export const transactionsTable: CopyTable<TransactionRow> = {
  name: "transactions",
  columns: ["tx_hash", "block_number", "transaction_index", "from_address", "block_timestamp"],
  write: (to, { hash, origin, blockTimestamp }) => {
    to.byteaHex(hash);
    to.int8(origin.blockNumber);
    to.int4(origin.transactionIndex);
    to.byteaHex(origin.from);
    to.int8(blockTimestamp);
  },
};
