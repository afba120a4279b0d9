// The example fleet under traffic is upgraded again and again, each time with a migration; how long its writers pause is said by the run, and by the rows
// that they wrote.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeMigrations, type Comparison, type WriterSpan } from "@tidegate/fleet-example";
import { waitUntil } from "@tidegate/kernel";
import { openFleet, WRITERS, type FleetUnderTest } from "../../tests/fleet/open-fleet.ts";

export interface PauseSample {
  /** From the first stop of a writer until the last one ran again, as the run says. */
  readonly pauseMs: number;
  readonly drainMs: number;
  readonly migrateMs: number;
  readonly startMs: number;
  /** Of the writer that was silent longest: from its last row of the old release to its first of the new one, by the database's clock. */
  readonly silentMs: number;
}

/** Each writer must have written so often since the upgrade before the next one begins. */
const ROWS_BETWEEN = 20;

/** Throws when an upgrade fails, or the ledger and the database differ afterwards. */
export async function measurePauses(upgrades: number): Promise<readonly PauseSample[]> {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
  const fleet = await openFleet();
  try {
    const runs: Array<Omit<PauseSample, "silentMs">> = [];
    const tags = Array.from({ length: upgrades }, (_, index) => `v${index + 2}`);
    for (const [more, tag] of tags.entries()) {
      fleet.writeRelease(tag, { release: 2, migrationsDir: writeMigrations({ dir: join(folder, tag), more }) });
      runs.push(await upgrade(fleet, tag));
      await untilWritten(fleet, tag);
    }
    const compared = await fleet.compare();
    if (compared.findings.length > 0)
      throw new Error(`the ledger says otherwise: ${JSON.stringify(compared.findings)}`);
    return runs.map((run, index) => ({ ...run, silentMs: silence(compared, `v${index + 1}`, `v${index + 2}`) }));
  } finally {
    await fleet.close();
    rmSync(folder, { recursive: true });
  }
}

async function upgrade(fleet: FleetUnderTest, tag: string): Promise<Omit<PauseSample, "silentMs">> {
  const { state, error, result } = await fleet.ended(await fleet.upgrade({ upgrade_tag: tag }));
  if (state !== "succeeded") throw new Error(`the upgrade to ${tag} ${state}: ${error?.message ?? ""}`);
  const { writerPauseMs, parts } = result as {
    writerPauseMs: number;
    parts: Record<"drainMs" | "migrateMs" | "startMs", number>;
  };
  return { pauseMs: writerPauseMs, ...parts };
}

async function untilWritten({ pool }: FleetUnderTest, tag: string): Promise<void> {
  await waitUntil(
    async () => {
      const { rows } = await pool.query<{ events: number; ticks: number }>(
        `SELECT (SELECT count(*)::int FROM events WHERE writer_version = $1) AS events, (SELECT count(*)::int FROM ticks WHERE writer_version = $1) AS ticks`,
        [tag],
      );
      return rows.every((row) => Math.min(row.events, row.ticks) >= ROWS_BETWEEN) ? true : undefined;
    },
    { what: `Rows of ${tag}`, limitMs: 60_000, everyMs: 100, remedy: "Look at the writers." },
  );
}

function silence({ writers }: Comparison, from: string, to: string): number {
  const of = (service: string, version: string): readonly WriterSpan[] =>
    writers.filter((one) => one.service === service && one.version === version);
  const silences = WRITERS.map((service) => {
    const last = of(service, from).reduce((at, one) => (one.lastAt > at ? one.lastAt : at), 0n);
    const first = of(service, to).reduce((at, one) => (one.firstAt < at ? one.firstAt : at), 2n ** 63n);
    return Number(first - last) / 1_000;
  });
  return Math.max(...silences);
}
