// The statuses of a batch: those of requests that began in it are computed from its own events; all others are recomputed by the database.
import { queryRows, type PoolClient } from "@tidegate/postgres";
import { keyOf, type BatchFacts } from "../store/batch-facts.ts";
import { idBytes } from "../store/copy-table.ts";
import { copyWritten, type RowEncoders } from "../store/row-encoders.ts";
import type { SeenRequest } from "../store/seen-request.ts";
import { refreshStatuses } from "./refresh-statuses.ts";
import { requestStatus } from "./status-row.ts";

export interface StatusesToStore {
  readonly facts: BatchFacts;
  /** Requests that nobody had shown before the batch, and that it shows now; none where blocks after the batch are stored. */
  readonly fresh: readonly SeenRequest[];
  /** Digests of the order stream. */
  readonly offchain: readonly Buffer[];
  readonly firstBlock: bigint;
  /** Chain time of the block before the batch; undefined when nothing was stored before. */
  readonly previousTime: bigint | undefined;
  /** Chain time of its last block. */
  readonly time: bigint;
}

/** An event may have named a request before anybody showed it: a fulfilment, a delivery, a slash. */
const NAMED_BEFORE = `
  select digest from unnest($1::bytea[], $2::bytea[]) as fresh (digest, id)
  where exists (select from request_fulfilled_events where request_digest = digest and block_number < $3)
    or exists (select from proof_delivered_events where request_digest = digest and block_number < $3)
    or exists (select from prover_slashed_events where request_id = id and block_number < $3)`;

/** Runs within the batch's transaction, after its rows are stored. */
export async function storeStatuses(client: PoolClient, encoders: RowEncoders, batch: StatusesToStore): Promise<void> {
  const { facts, offchain, time } = batch;
  const whole = await wholeStories(client, batch);
  const isWhole = new Set(whole.map(({ digest }) => keyOf(digest)));
  const others = [...facts.digests.values()].map(({ digest }) => digest).concat(offchain);
  // Before the new ones are there: time is not to touch them once more.
  await refreshStatuses(client, {
    ...batch,
    digests: others.filter((digest) => !isWhole.has(keyOf(digest))),
    slashedIds: [...facts.slashes.keys()].map(idBytes),
    except: whole.filter(({ request }) => facts.slashes.has(request.id)).map(({ digest }) => digest),
  });
  await copyWritten(client, encoders, () => {
    for (const shown of whole) {
      const slashed = facts.slashes.get(shown.request.id);
      encoders.write(requestStatus, { shown, facts: facts.digests.get(keyOf(shown.digest)), slashed, now: time });
    }
  });
}

/** Of the fresh requests, those of which no earlier event knew. */
async function wholeStories(
  client: PoolClient,
  { fresh, firstBlock }: StatusesToStore,
): Promise<readonly SeenRequest[]> {
  if (fresh.length === 0) return [];
  const parameters = [fresh.map(({ digest }) => digest), fresh.map(({ request }) => idBytes(request.id)), firstBlock];
  const named = await queryRows<{ digest: Buffer }>(client, NAMED_BEFORE, parameters);
  const isNamed = new Set(named.map(({ digest }) => keyOf(digest)));
  return fresh.filter(({ digest }) => !isNamed.has(keyOf(digest)));
}
