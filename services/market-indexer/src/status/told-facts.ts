// What a batch's events tell of requests that are known already, as tables beside request_status, from which that is carried on.
import type { DigestFacts, SlashFacts } from "../store/batch-facts.ts";
import { writeBytea, writeId, writeInt8, writeNumeric, type CopyTable } from "../store/copy-table.ts";
import { lockPriceAt } from "./lock-price.ts";

const TOLD_COLUMNS = {
  request_digest: "bytea primary key",
  submit_block: "bigint",
  submit_tx_hash: "bytea",
  locked_at: "bigint",
  lock_block: "bigint",
  lock_tx_hash: "bytea",
  locker: "bytea",
  lock_price: "numeric",
  fulfilled_at: "bigint",
  fulfill_block: "bigint",
  fulfill_tx_hash: "bytea",
  fulfiller: "bytea",
  /** Whoever delivered; of one whom several delivered to, nothing is told. */
  deliverer: "bytea",
  delivered_at: "bigint",
  last_at: "bigint",
} as const;

export const TOLD_NAMES: readonly string[] = Object.keys(TOLD_COLUMNS);

/** Of all requests of an id: the event does not say which was meant. */
const SLASH_COLUMNS = {
  request_id: "bytea primary key",
  slashed_at: "bigint",
  slashed_block: "bigint",
  slash_tx_hash: "bytea",
  slash_recipient: "bytea",
  slash_transferred_amount: "numeric",
  slash_burned_amount: "numeric",
  last_at: "bigint",
} as const;

/** ON COMMIT DELETE ROWS: made once for a connection, empty for each batch. */
const stage = (name: string, columns: Readonly<Record<string, string>>): string =>
  `create temporary table if not exists ${name} (${Object.entries(columns)
    .map(([column, type]) => `${column} ${type}`)
    .join(", ")}) on commit delete rows`;

export const TOLD_STAGES: readonly string[] = [stage("told_facts", TOLD_COLUMNS), stage("told_slashes", SLASH_COLUMNS)];

/** Rows must be such that `canBeTold`. */
export const toldFacts: CopyTable<DigestFacts> = {
  name: "told_facts",
  columns: TOLD_NAMES,
  write: (to, { digest, submitted, locked, fulfilled, delivered, lastAt }) => {
    to.bytea(digest);
    writeInt8(to, submitted?.blockNumber);
    writeBytea(to, submitted?.txHash);
    writeInt8(to, locked?.time);
    writeInt8(to, locked?.blockNumber);
    writeBytea(to, locked?.txHash);
    writeBytea(to, locked?.prover);
    writeNumeric(to, locked && lockPriceAt(locked.offer, locked.time));
    writeInt8(to, fulfilled?.time);
    writeInt8(to, fulfilled?.blockNumber);
    writeBytea(to, fulfilled?.txHash);
    writeBytea(to, fulfilled?.prover);
    writeBytea(to, delivered[0]?.prover);
    writeInt8(to, delivered[0]?.time);
    to.int8(lastAt);
  },
};

export const toldSlashes: CopyTable<readonly [requestId: bigint, slash: SlashFacts]> = {
  name: "told_slashes",
  columns: Object.keys(SLASH_COLUMNS),
  write: (to, [requestId, { first, lastAt }]) => {
    writeId(to, requestId);
    to.int8(first.time);
    to.int8(first.blockNumber);
    to.bytea(first.txHash);
    to.bytea(first.recipient);
    to.numeric(first.transferred);
    to.numeric(first.burned);
    to.int8(lastAt);
  },
};

/** Where several delivered, which of them was the locker is not known before the row is read. */
export function canBeTold({ delivered }: DigestFacts): boolean {
  const [first] = delivered;
  return first === undefined || delivered.every(({ prover }) => prover.equals(first.prover));
}
