// Fixed facts of the market and of its indexer.

export const SERVICE_NAME = "market-indexer";

/** Owner of the migrations in src/store/migrations. */
export const MIGRATIONS_OWNER = "market-indexer";

/** Row of `last_block` that holds the progress of this pipeline. */
export const LAST_BLOCK_ROW = 0;

/** Key of the session advisory lock that the one writer of a database holds: "market" in ASCII. */
export const WRITER_LOCK_KEY = 0x6d61726b6574n;

/** EIP-712 domain of a proof request; chain id and contract complete it. */
export const DOMAIN_NAME = "IBoundlessMarket";
export const DOMAIN_VERSION = "1";

/** Transactions, receipts or headers asked for at once. */
export const FETCH_CHUNK = 250;

/** An endpoint may know a log a moment before it knows its transaction: so often, and so long apart, it is asked. */
export const FETCH_ATTEMPTS = 4;
export const FETCH_AGAIN_MS = 1_000;

/** A batch ends with the answer that brings it so many logs, before its last block if need be: that bounds memory, not the blocks. */
export const ENOUGH_LOGS = 8_000;
