// What the volatile engine remembers, and forgets with its process.
import type { LockView } from "../control/lock-view.ts";
import type { EngineEvent } from "../events/engine-event.ts";
import type { Execution } from "../flow/execution.ts";
import type { Message } from "../flow/journal.ts";
import type { Ending } from "../flow/ending.ts";
import type { RunRequest } from "../flow/run-request.ts";
import type { Plan } from "../plan/plan.ts";
import type { RunRows } from "../projection/rows.ts";

export interface MemoryRun {
  readonly request: RunRequest;
  rows: RunRows;
  readonly events: EngineEvent[];
  /** Envelopes by place, with the names of their calls. */
  readonly journal: Array<{ readonly name: string; readonly text: string } | undefined>;
  /** Messages that nobody has waited for yet, by topic. */
  readonly mailbox: Map<string, Message[]>;
  /** Called with the next message of a topic. */
  readonly waiting: Map<string, (message: Message) => void>;
  execution: Execution | undefined;
  ended: PromiseWithResolvers<{ readonly at: Date; readonly end: Ending }>;
  ending: { readonly at: Date; readonly end: Ending } | undefined;
}

export interface Memory {
  readonly runs: Map<string, MemoryRun>;
  readonly plans: Map<string, Plan>;
  readonly locks: Map<string, LockView>;
  /** Newest run of an operation's key. */
  readonly keys: Map<string, { readonly runId: string; readonly inputDigest: string }>;
  readonly stored: Map<string, Set<() => void>>;
}

export function newMemory(): Memory {
  return { runs: new Map(), plans: new Map(), locks: new Map(), keys: new Map(), stored: new Map() };
}
