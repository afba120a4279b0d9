// A coin with a side that comes up so many times in a hundred.
import type { Random } from "@tidegate/kernel";

export function happens(random: Random, percent: number): boolean {
  return random.next() * 100 < percent;
}
