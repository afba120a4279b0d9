// Keeps calls within quotas: a token bucket for each, as the platform itself counts.
import type { Clock } from "@tidegate/kernel";
import type { Quota } from "./ecs-quotas.ts";

/** A tenth is left to the network, which brings calls closer together than they were sent, and to others in the account. */
const OURS = 0.9;

/** Resolves when the action may be called; in the order of asking. An action without a quota may be called at once. */
export type Pace = (action: string) => Promise<void>;

export function createPace(quotas: readonly Quota[], clock: Clock): Pace {
  const buckets = new Map(
    quotas.flatMap((quota) => {
      const take = createBucket(quota, clock);
      return quota.actions.map((action) => [action, take] as const);
    }),
  );
  return async (action) => {
    const waitMs = buckets.get(action)?.() ?? 0;
    if (waitMs > 0) await clock.sleep(waitMs);
  };
}

/**
 * Takes a token, also one that is not there yet, and gives how long until it is, in milliseconds. AWS fills its buckets once a second and we fill ours all the
 * time: a second's tokens less than its capacity, and we are never ahead of it.
 */
function createBucket({ burst, perSecond }: Quota, clock: Clock): () => number {
  const capacity = Math.max(1, Math.floor((burst - perSecond) * OURS));
  const perMs = (perSecond * OURS) / 1_000;
  let tokens = capacity;
  let atMs = clock.monotonicMs();
  return () => {
    const nowMs = clock.monotonicMs();
    tokens = Math.min(capacity, tokens + (nowMs - atMs) * perMs) - 1;
    atMs = nowMs;
    return tokens >= 0 ? 0 : Math.ceil(-tokens / perMs);
  };
}
