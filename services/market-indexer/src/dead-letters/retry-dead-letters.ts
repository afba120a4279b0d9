// Logs that did not decode are decoded again: by a release that knows them, they become what they should have been from the start.
import { bufferToHex } from "@tidegate/chain";
import { copyTables, withTransaction, type Pool, type PoolClient } from "@tidegate/postgres";
import { decodeOrSetAside } from "../decode/decode-batch.ts";
import { createLogDecoder, type DecodeLog } from "../decode/decode-log.ts";
import { createRequestDigest } from "../decode/request-digest.ts";
import { DeadLetterNotFound, MarketNotIndexed } from "../errors.ts";
import { settleLateEvents } from "../status/settle-late-events.ts";
import {
  readDeadLetters,
  removeDeadLetter,
  storeDeadLetters,
  type DeadLetterPlace,
  type StoredDeadLetter,
} from "../store/dead-letters.ts";
import { readMarketIdentity } from "../store/market-identity.ts";
import { encodeEvents } from "../store/encode-batch.ts";
import { mergeRequests, REQUEST_STAGE } from "../store/merge-requests.ts";
import { HOLD_LAST_BLOCK, readLastBlock } from "../store/progress.ts";
import { createRowEncoders } from "../store/row-encoders.ts";
import type { FetchedLog, MarketEvent } from "../types.ts";

export interface Retried {
  readonly tried: number;
  /** Decoded, and stored as events. */
  readonly stored: number;
}

/** So many are read at once. */
const PAGE = 500;

/**
 * Tries all, or the one at the place; each in a transaction of its own, while the indexer may run. Throws MarketNotIndexed,
 * DeadLetterNotFound, and what PostgreSQL throws.
 */
export async function retryDeadLetters(
  pool: Pool,
  options: { readonly at?: DeadLetterPlace | undefined } = {},
): Promise<Retried> {
  const decodeLog = await decoderOf(pool);
  let [tried, stored] = [0, 0];
  let after: DeadLetterPlace | undefined;
  for (;;) {
    const letters = await readDeadLetters(pool, { at: options.at, after, limit: PAGE });
    for (const letter of letters) {
      tried++;
      if (await retryOne(pool, decodeLog, letter)) stored++;
    }
    after = letters.at(-1);
    if (letters.length === PAGE) continue;
    if (tried === 0 && options.at !== undefined) throw new DeadLetterNotFound(options.at);
    return { tried, stored };
  }
}

async function decoderOf(pool: Pool): Promise<DecodeLog> {
  const identity = await readMarketIdentity(pool);
  if (identity === undefined) throw new MarketNotIndexed();
  const { chainId, address: marketAddress } = identity;
  return createLogDecoder({ digestOf: createRequestDigest({ chainId, marketAddress }) });
}

/** True when it became an event. */
async function retryOne(pool: Pool, decodeLog: DecodeLog, letter: StoredDeadLetter): Promise<boolean> {
  const retry = async (client: PoolClient): Promise<boolean> => {
    // The indexer waits with its next batch, or this with it: a block that is undone meanwhile takes its dead letters along.
    const last = await readLastBlock(client);
    const [still] = await readDeadLetters(client, { at: letter, limit: 1 });
    if (last === undefined) throw new MarketNotIndexed();
    if (still === undefined) return false;
    const decoded = decodeOrSetAside(decodeLog, logOf(still), still.blockTimestamp);
    if ("reason" in decoded) {
      await storeDeadLetters(client, [decoded]);
      return false;
    }
    await removeDeadLetter(client, still);
    await storeEvent(client, decoded, last);
    return true;
  };
  return withTransaction(pool, retry, { prelude: [REQUEST_STAGE, HOLD_LAST_BLOCK] });
}

/** What the batch would have done with it; now is the time of the last stored block. */
async function storeEvent(
  client: PoolClient,
  event: MarketEvent,
  last: { readonly number: bigint; readonly timestamp: bigint },
): Promise<void> {
  const encoders = createRowEncoders();
  const range = { from: event.place.blockNumber, to: event.place.blockNumber };
  const { requests, facts } = await encodeEvents(encoders, [event]);
  await copyTables({ client, targets: encoders.targets() });
  encoders.clear();
  await mergeRequests(client, encoders, { requests, undoableTo: last.number });
  await settleLateEvents(client, { facts, range, time: last.timestamp });
}

function logOf(letter: StoredDeadLetter): FetchedLog {
  return {
    topics: letter.topics.map(bufferToHex),
    data: letter.data,
    blockNumber: letter.blockNumber,
    transactionHash: bufferToHex(letter.txHash),
    logIndex: letter.logIndex,
    // Not kept, and not needed to decode it.
    blockHash: "0x",
    transactionIndex: 0,
  };
}
