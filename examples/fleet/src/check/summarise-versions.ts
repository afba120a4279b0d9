// Which version wrote when: the stretches of one version, one after the other.
import type { WriterSpan } from "./fleet-facts.ts";

export interface VersionStretch {
  readonly version: string;
  /** Microseconds since 1970 of the database's clock. */
  readonly firstAt: bigint;
  readonly lastAt: bigint;
  readonly rows: number;
  /** Since the last row of the stretch before; null for the first. Negative where two versions wrote at once. */
  readonly pauseBeforeUs: bigint | null;
}

/** Writers in the order of their first rows; neighbours of one version are one stretch. */
export function summariseVersions(writers: readonly WriterSpan[]): readonly VersionStretch[] {
  const stretches: VersionStretch[] = [];
  for (const { version, firstAt, lastAt, rows } of writers.toSorted((one, other) =>
    one.firstAt < other.firstAt ? -1 : 1,
  )) {
    const before = stretches.at(-1);
    if (before?.version === version) {
      const end = lastAt > before.lastAt ? lastAt : before.lastAt;
      stretches[stretches.length - 1] = { ...before, lastAt: end, rows: before.rows + rows };
    } else {
      stretches.push({
        version,
        firstAt,
        lastAt,
        rows,
        pauseBeforeUs: before === undefined ? null : firstAt - before.lastAt,
      });
    }
  }
  return stretches;
}
