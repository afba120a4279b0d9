// Which of the two releases this process is.
import type { FleetRelease } from "./release.ts";
import { release1 } from "./release-1.ts";
import { release2 } from "./release-2.ts";

export function chooseRelease(number: 1 | 2): FleetRelease {
  return number === 1 ? release1 : release2;
}
