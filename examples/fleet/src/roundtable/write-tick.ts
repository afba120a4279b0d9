// One tick: in the ledger before it is written, in the ledger again when it is committed.
import type { Clock } from "@tidegate/kernel";
import { withTransaction, queryRows, type Pool } from "@tidegate/postgres";
import type { Ledger } from "../ledger/ledger.ts";
import { sayingWhatDoesNotFit } from "../releases/assert-schema-fits.ts";
import type { FleetRelease, Writer } from "../releases/release.ts";

export interface TickDeps {
  readonly pool: Pool;
  readonly release: FleetRelease;
  readonly writer: Writer;
  /** Undefined: none is kept. */
  readonly ledger: Ledger | undefined;
  readonly clock: Clock;
}

/** Throws SchemaDoesNotFit, or what the database answered; then the ledger has it as sent, with an unknown outcome. */
export async function writeTick({ pool, release, writer, ledger, clock }: TickDeps, sequence: number): Promise<void> {
  const tick = { id: `${writer.instance}/${sequence}`, sequence, reading: Math.round(clock.monotonicMs()) };
  const now = (): string => clock.now().toISOString();
  await ledger?.flush([{ kind: "sent", what: "tick", id: tick.id, at: now() }]);
  const { text, values } = release.insertTick(tick, writer);
  await sayingWhatDoesNotFit(release, async () =>
    withTransaction(pool, async (client) => queryRows(client, text, values)),
  );
  await ledger?.flush([{ kind: "accepted", what: "tick", id: tick.id, at: now() }]);
}
