// What follows from events that are stored after later ones: those of a gap, or of a dead letter that decodes at last.
import type { PoolClient } from "@tidegate/postgres";
import { attributeLaterSlashes, attributeSlashes } from "../store/attribute-slashes.ts";
import type { BatchFacts } from "../store/batch-facts.ts";
import { idBytes } from "../store/copy-table.ts";
import type { BlockRange } from "../types.ts";
import { refreshStatuses } from "./refresh-statuses.ts";
import { keepUnshown } from "./unshown-digests.ts";

export interface LateEvents {
  readonly facts: BatchFacts;
  /** The blocks that they are in. */
  readonly range: BlockRange;
  /** Chain time of the last stored block: no time passes, what ran out until then has been seen. */
  readonly time: bigint;
}

/** Runs within their transaction, after their rows are stored. */
export async function settleLateEvents(client: PoolClient, { facts, range, time }: LateEvents): Promise<void> {
  await attributeSlashes(client, range);
  await attributeLaterSlashes(client, range);
  const named = [...facts.digests.values()];
  await keepUnshown(client, named);
  const ids = [...facts.slashes.keys()].map(idBytes);
  await refreshStatuses(client, { digests: named.map(({ digest }) => digest), ids, time });
}
