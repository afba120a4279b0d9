// All ledgers of a folder, as one.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { LedgerBroken } from "../errors.ts";
import type { ReadLine } from "./ledger.ts";

/** What was sent, and of it what was accepted, by id. An id that is only sent has an unknown outcome: both are right. */
interface LedgerSide<Place> {
  readonly sent: ReadonlySet<string>;
  readonly accepted: ReadonlyMap<string, Place>;
}

interface EventPlace {
  readonly partition: number;
  readonly offset: bigint;
}

export interface LedgerContent {
  readonly events: LedgerSide<EventPlace>;
  readonly ticks: LedgerSide<true>;
  /** What readers went through. */
  readonly reads: readonly ReadLine[];
}

const what = z.enum(["event", "tick"]);
const ledgerLine = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("sent"), what, id: z.string(), at: z.string() }),
  z.strictObject({
    kind: z.literal("accepted"),
    what,
    id: z.string(),
    at: z.string(),
    partition: z.int().optional(),
    offset: z.string().regex(/^\d+$/).optional(),
  }),
  z.strictObject({
    kind: z.literal("read"),
    path: z.string(),
    outcome: z.enum(["cured", "failed"]),
    tries: z.number(),
    outageMs: z.number(),
    reason: z.string(),
    at: z.string(),
  }),
]);

/** A torn last line of a file is left out: its process was killed while it wrote. Throws LedgerBroken. */
export function readLedger(dir: string): LedgerContent {
  const events = { sent: new Set<string>(), accepted: new Map<string, EventPlace>() };
  const ticks = { sent: new Set<string>(), accepted: new Map<string, true>() };
  const reads: ReadLine[] = [];
  for (const name of readdirSync(dir).filter((one) => one.endsWith(".jsonl"))) {
    const path = join(dir, name);
    const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
    for (const [index, text] of lines.entries()) {
      const line = parseLine(text);
      if (line === undefined) throw new LedgerBroken({ path, line: index + 1 });
      if (line.kind === "read") reads.push(line);
      else if (line.kind === "sent") (line.what === "event" ? events : ticks).sent.add(line.id);
      else if (line.what === "tick") ticks.accepted.set(line.id, true);
      else if (line.partition === undefined || line.offset === undefined)
        throw new LedgerBroken({ path, line: index + 1 });
      else events.accepted.set(line.id, { partition: line.partition, offset: BigInt(line.offset) });
    }
  }
  return { events, ticks, reads };
}

function parseLine(text: string): z.infer<typeof ledgerLine> | undefined {
  try {
    return ledgerLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
