// The statuses of a batch: those of requests that began in it are computed from its own events; those that were there are carried on by what it
// tells; what neither says is recomputed from all events.
import { queryRows, type PoolClient } from "@tidegate/postgres";
import { digestOfKey, keyOf, type BatchFacts, type DigestFacts } from "../store/batch-facts.ts";
import { idBytes } from "../store/copy-table.ts";
import { packWords, unpackedWords } from "../store/packed-words.ts";
import { settleBoth } from "../store/settle-both.ts";
import { copyWritten, type RowEncoders } from "../store/row-encoders.ts";
import type { SeenRequest } from "../store/seen-request.ts";
import { CARRY_ON } from "./carry-on-sql.ts";
import { refreshStatuses } from "./refresh-statuses.ts";
import { requestStatus } from "./status-row.ts";
import { canBeTold, toldFacts, toldSlashes } from "./told-facts.ts";

export interface StatusesToStore {
  readonly facts: BatchFacts;
  /** Requests that nobody had shown before the batch, and that it shows now; none where blocks after the batch are stored. */
  readonly fresh: readonly SeenRequest[];
  /** Digests of the order stream. */
  readonly offchain: readonly Buffer[];
  readonly firstBlock: bigint;
  /** As keys: requests that were shown before, and of which another sighting is shown now. */
  readonly changed: readonly string[];
  /** Whether all stored events come before those of the batch. */
  readonly isInOrder: boolean;
  /** Chain time of the block before the batch; undefined when nothing was stored before. */
  readonly previousTime: bigint | undefined;
  /** Chain time of its last block. */
  readonly time: bigint;
}

/** An event may have named a request before anybody showed it: a fulfilment or a delivery by digest ($1), a slash by request id ($2). */
const NAMED_BEFORE = `
  select fresh.word from ${unpackedWords("$1")} fresh join unshown_digests on request_digest = fresh.word
  union all
  select slashed.request_id from ${unpackedWords("$2")} asked join prover_slashed_events slashed on request_id = asked.word
  where slashed.block_number < $3`;

/** For whoever shows them later. */
const KEEP_UNSHOWN = `
  insert into unshown_digests select named.word from ${unpackedWords("$1")} named
  where not exists (select from proof_requests where request_digest = named.word)
  on conflict do nothing`;

/** Runs within the batch's transaction, after its rows are stored. */
export async function storeStatuses(client: PoolClient, encoders: RowEncoders, batch: StatusesToStore): Promise<void> {
  const { facts, offchain, previousTime, time } = batch;
  const whole = await wholeStories(client, batch);
  const isWhole = new Set(whole.map(({ digest }) => keyOf(digest)));
  const named = [...facts.digests.values()].filter(({ digest }) => !isWhole.has(keyOf(digest)));
  await keepUnshown(client, named);
  // Those that are new and were named before have no row yet.
  const mustBeRead = new Set([...batch.changed, ...batch.fresh.map(({ digest }) => keyOf(digest))]);
  const told = named.filter((one) => batch.isInOrder && !mustBeRead.has(keyOf(one.digest)) && canBeTold(one));
  await copyWritten(client, encoders, () => {
    for (const one of told) encoders.write(toldFacts, one);
    if (batch.isInOrder) for (const slash of facts.slashes) encoders.write(toldSlashes, slash);
  });
  // Before the new ones are there: time is not to touch them once more. Meanwhile their rows are written.
  const carrying: Promise<unknown> = batch.isInOrder
    ? client.query(CARRY_ON, [previousTime ?? null, time])
    : Promise.resolve();
  const copying = copyWritten(client, encoders, () => {
    for (const shown of whole) {
      const slashed = facts.slashes.get(shown.request.id);
      encoders.write(requestStatus, { shown, facts: facts.digests.get(keyOf(shown.digest)), slashed, now: time });
    }
  });
  await settleBoth(carrying, copying);
  const isTold = new Set(told);
  await refreshStatuses(client, {
    digests: [
      ...named.filter((one) => !isTold.has(one)).map(({ digest }) => digest),
      ...[...offchain, ...batch.changed.map(digestOfKey)].filter((digest) => !isWhole.has(keyOf(digest))),
    ],
    ids: batch.isInOrder ? [] : [...facts.slashes.keys()].map(idBytes),
    time,
  });
}

async function keepUnshown(client: PoolClient, named: readonly DigestFacts[]): Promise<void> {
  // Whoever submits or locks a request shows it.
  const silent = named.filter(({ submitted, locked }) => submitted === undefined && locked === undefined);
  if (silent.length > 0) await client.query(KEEP_UNSHOWN, [packWords(silent.map(({ digest }) => digest))]);
}

/** Of the fresh requests, those of which no earlier event knew. */
async function wholeStories(
  client: PoolClient,
  { fresh, firstBlock }: StatusesToStore,
): Promise<readonly SeenRequest[]> {
  if (fresh.length === 0) return [];
  const ids = fresh.map(({ request }) => idBytes(request.id));
  const named = await queryRows<{ word: Buffer }>(client, NAMED_BEFORE, [
    packWords(fresh.map(({ digest }) => digest)),
    packWords(ids),
    firstBlock,
  ]);
  if (named.length === 0) return fresh;
  const isNamed = new Set(named.map(({ word }) => keyOf(word)));
  return fresh.filter(({ digest }, index) => !isNamed.has(keyOf(digest)) && !isNamed.has(keyOf(ids[index] ?? digest)));
}
