// The fleet's ledger as it lies on disk: JSON lines of what was sent and of what was accepted. Read here without the fleet's own code.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface LedgerIds {
  readonly sent: ReadonlySet<string>;
  readonly accepted: ReadonlySet<string>;
}

interface LedgerLine {
  readonly kind: string;
  readonly what?: string;
  readonly id?: string;
}

/** Of events, which Kafka acknowledged, or of ticks, which were committed. A torn last line was never told to anybody. */
export function readLedgerIds(ledgerDir: string, what: "event" | "tick"): LedgerIds {
  const sent = new Set<string>();
  const accepted = new Set<string>();
  for (const name of readdirSync(ledgerDir).filter((one) => one.endsWith(".jsonl"))) {
    for (const text of readFileSync(join(ledgerDir, name), "utf8").split("\n").slice(0, -1)) {
      const line = JSON.parse(text) as LedgerLine;
      if (line.what !== what || line.id === undefined) continue;
      if (line.kind === "sent") sent.add(line.id);
      if (line.kind === "accepted") accepted.add(line.id);
    }
  }
  return { sent, accepted };
}
