// What a lock costs. Rules: README, "Statuses".
import type { ProofRequest } from "../decode/abi.ts";

/** Of the offer, at that time: the minimum, a ramp, the maximum, and 0 after the lock's end. A ramp of no length is over before it is asked for. */
export function lockPriceAt(offer: ProofRequest["offer"], at: bigint): bigint {
  const { minPrice, maxPrice, rampUpStart, rampUpPeriod, lockTimeout } = offer;
  if (at <= rampUpStart) return minPrice;
  if (at > rampUpStart + BigInt(lockTimeout)) return 0n;
  const period = BigInt(rampUpPeriod);
  if (at > rampUpStart + period) return maxPrice;
  return minPrice + ((at - rampUpStart) * (maxPrice - minPrice)) / period;
}
