// The ledger: what was sent and what was accepted, as JSON lines on disk, outside of everything that is tested.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** On disk before it is sent. */
interface SentLine {
  readonly kind: "sent";
  readonly what: "event" | "tick";
  readonly id: string;
  /** ISO time. */
  readonly at: string;
}

/** On disk after the broker's acknowledgement, or the commit. */
export interface AcceptedLine {
  readonly kind: "accepted";
  readonly what: "event" | "tick";
  readonly id: string;
  readonly at: string;
  /** Of events. */
  readonly partition?: number;
  /** Of events; decimal. */
  readonly offset?: string;
}

/** What a reader of Comlink went through; not flushed. */
export interface ReadLine {
  readonly kind: "read";
  readonly path: string;
  readonly outcome: "cured" | "failed";
  readonly tries: number;
  readonly outageMs: number;
  /** The first failure. */
  readonly reason: string;
  readonly at: string;
}

type LedgerLine = SentLine | AcceptedLine | ReadLine;

export interface Ledger {
  readonly path: string;
  /** Resolves when the lines are on disk. */
  readonly flush: (lines: readonly LedgerLine[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Each process has a file of its own, `<service>-<random>.jsonl`; the folder is made. */
export async function openLedger(dir: string, service: string): Promise<Ledger> {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, `${service}-${randomBytes(6).toString("hex")}.jsonl`);
  const file = await open(path, "ax");
  return {
    path,
    flush: async (lines) => {
      if (lines.length === 0) return;
      await file.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
      await file.datasync();
    },
    close: async () => file.close(),
  };
}
