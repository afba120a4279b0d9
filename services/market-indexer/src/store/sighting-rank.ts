// Which of several sightings of a request is the one that is shown.
import type { EventPlace } from "../types.ts";

export interface Sighting {
  readonly source: "onchain" | "offchain" | "unknown";
  /** Unix seconds. */
  readonly seenAt: bigint;
  /** The event that carried it. */
  readonly place: EventPlace | undefined;
}

/**
 * The earliest is. A submission and an off-chain order, the earlier of the two, come before a lock. It is a property of the
 * sighting alone: how blocks are batched does not matter.
 */
export function isShownBefore(left: Sighting, right: Sighting): boolean {
  const ranks = rank(left);
  const others = rank(right);
  const at = ranks.findIndex((value, index) => value !== others[index]);
  return at >= 0 && (ranks[at] ?? 0n) < (others[at] ?? 0n);
}

/** `isShownBefore` in SQL: the row of these columns compares as the sightings do. */
export function rankOf(table: string): string {
  return `(${table}.source = 'unknown', ${table}.submission_timestamp, ${table}.source = 'offchain',
    coalesce(${table}.block_number, 0), coalesce(${table}.log_index, 0))`;
}

function rank({ source, seenAt, place }: Sighting): readonly bigint[] {
  const placeRank = [place?.blockNumber ?? 0n, BigInt(place?.logIndex ?? 0)];
  return [source === "unknown" ? 1n : 0n, seenAt, source === "offchain" ? 1n : 0n, ...placeRank];
}
