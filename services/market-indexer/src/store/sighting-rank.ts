// Which of several sightings of a request is the one that is shown.

/**
 * The smallest is. A submission and an off-chain order, the earlier of the two, come before a lock. It is a property of the
 * sighting alone: how blocks are batched does not matter.
 */
export function rankOf(table: string): string {
  return `(${table}.source = 'unknown', ${table}.submission_timestamp, ${table}.source = 'offchain',
    coalesce(${table}.block_number, 0), coalesce(${table}.log_index, 0))`;
}
