// The statuses of a batch: those of requests that began in it are computed from its own events; those that were there are carried on by what it
// tells; what neither says is recomputed from all events.
import type { PoolClient } from "@tidegate/postgres";
import { digestOfKey, keyOf, type BatchFacts } from "../store/batch-facts.ts";
import { copyWritten, type RowEncoders } from "../store/row-encoders.ts";
import type { SeenRequest } from "../store/seen-request.ts";
import { settleBoth } from "../store/settle-both.ts";
import { CARRY_ON } from "./carry-on-sql.ts";
import { refreshStatuses } from "./refresh-statuses.ts";
import { requestStatus } from "./status-row.ts";
import { canBeTold, toldFacts, toldSlashes } from "./told-facts.ts";
import { keepUnshown, neverNamed } from "./unshown-digests.ts";

export interface StatusesToStore {
  readonly facts: BatchFacts;
  /** Requests that nobody had shown before the batch, and that it shows now. */
  readonly fresh: readonly SeenRequest[];
  /** Digests of the order stream. */
  readonly offchain: readonly Buffer[];
  readonly firstBlock: bigint;
  /** As keys: requests that were shown before, and of which another sighting is shown now. */
  readonly changed: readonly string[];
  /** Chain time of the block before the batch; undefined when nothing was stored before. */
  readonly previousTime: bigint | undefined;
  /** Chain time of its last block. */
  readonly time: bigint;
}

/** Runs within the batch's transaction, after its rows are stored; all other stored events come before those of the batch. */
export async function storeStatuses(client: PoolClient, encoders: RowEncoders, batch: StatusesToStore): Promise<void> {
  const { facts, offchain, previousTime, time } = batch;
  const whole = await neverNamed(client, batch.fresh, batch.firstBlock);
  const isWhole = new Set(whole.map(({ digest }) => keyOf(digest)));
  const named = [...facts.digests.values()].filter(({ digest }) => !isWhole.has(keyOf(digest)));
  await keepUnshown(client, named);
  // Those that are new and were named before have no row yet.
  const mustBeRead = new Set([...batch.changed, ...batch.fresh.map(({ digest }) => keyOf(digest))]);
  const told = named.filter((one) => !mustBeRead.has(keyOf(one.digest)) && canBeTold(one));
  await copyWritten(client, encoders, () => {
    for (const one of told) encoders.write(toldFacts, one);
    for (const slash of facts.slashes) encoders.write(toldSlashes, slash);
  });
  // Before the new ones are there: time is not to touch them once more. Meanwhile their rows are written.
  const carrying = client.query(CARRY_ON, [previousTime ?? null, time]);
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
    time,
  });
}
