// Asking for many things by key, in chunks, until all are there: an endpoint may answer null for what it will know in a second.
import type { Clock } from "@tidegate/kernel";
import { FETCH_AGAIN_MS, FETCH_ATTEMPTS, FETCH_CHUNK } from "../constants.ts";
import { InconsistentAnswers } from "../errors.ts";
import type { BlockRange } from "../types.ts";

export interface FetchPresent<K, V> {
  /** The subject of "are not known to the endpoint": "2 transactions". */
  readonly what: string;
  readonly range: BlockRange;
  readonly keys: readonly K[];
  /** One answer for each key, in their order; null for what is not there (yet). */
  readonly ask: (keys: readonly K[]) => Promise<readonly (V | null)[]>;
  /** Told about each answer as it comes, so that not all answers need be held. */
  readonly take: (key: K, value: V) => void;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Throws InconsistentAnswers when something is still missing after four rounds, a second apart. */
export async function fetchPresent<K, V>(input: FetchPresent<K, V>): Promise<void> {
  let missing = input.keys;
  for (let attempt = 1; ; attempt++) {
    missing = await askOnce(input, missing);
    if (missing.length === 0) return;
    if (attempt === FETCH_ATTEMPTS) {
      const reason = `${missing.length} ${input.what} of its logs are not known to the endpoint, ${String(missing[0])} the first`;
      throw new InconsistentAnswers({ ...input.range, reason });
    }
    await input.clock.sleep(FETCH_AGAIN_MS, input.signal);
  }
}

async function askOnce<K, V>(input: FetchPresent<K, V>, keys: readonly K[]): Promise<K[]> {
  const chunks = Array.from({ length: Math.ceil(keys.length / FETCH_CHUNK) }, (_, index) =>
    keys.slice(index * FETCH_CHUNK, (index + 1) * FETCH_CHUNK),
  );
  // All at once: the client sends as many as it may.
  const missing = await Promise.all(
    chunks.map(async (chunk) => {
      const values = await input.ask(chunk);
      return chunk.filter((key, index) => {
        const value = values[index] ?? null;
        if (value !== null) input.take(key, value);
        return value === null;
      });
    }),
  );
  return missing.flat();
}
