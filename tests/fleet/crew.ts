// Operators of one installation, so many at any time: one that ends, killed or by itself, is replaced; whoever lives is asked.
import { systemClock, waitUntil } from "@tidegate/kernel";
import { ask, type Answer } from "../operations/ask-operator.ts";
import type { LogLine, OperatorProcess } from "../operations/operator-process.ts";

export interface Crew {
  /** Those that live and have opened their engine. */
  readonly members: () => readonly OperatorProcess[];
  /** How those that are gone have ended, in order. */
  readonly ends: ReadonlyArray<number | NodeJS.Signals | null>;
  /** Called for each line of each, also of those that come later. */
  readonly onLine: (listener: (operator: OperatorProcess, line: LogLine) => void) => void;
  /** Resolves when the crew is complete. */
  readonly full: () => Promise<void>;
  /** The first answer; undefined when nobody lives, or nobody answers. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<Answer | undefined>;
  readonly close: () => Promise<void>;
}

/** While their database is away they cannot start, and are started again. */
const AGAIN_MS = 250;
const COMPLETE_MS = 90_000;

export async function openCrew(start: () => Promise<OperatorProcess>, size: number): Promise<Crew> {
  const members: OperatorProcess[] = [];
  const ends: Array<number | NodeJS.Signals | null> = [];
  const listeners: Array<(operator: OperatorProcess, line: LogLine) => void> = [];
  const places: Promise<void>[] = [];
  const over = new AbortController();
  const join = async (): Promise<OperatorProcess> => {
    const operator = await start();
    members.push(operator);
    operator.onLine((line) => {
      for (const listener of listeners) listener(operator, line);
    });
    return operator;
  };
  const keep = async (first: OperatorProcess): Promise<void> => {
    for (let operator: OperatorProcess | undefined = first; operator !== undefined;) {
      const { ended } = operator;
      const end = await ended;
      members.splice(members.indexOf(operator), 1);
      ends.push(end);
      operator = undefined;
      while (!over.signal.aborted && operator === undefined) {
        operator = await join().catch(() => undefined);
        if (operator === undefined) await systemClock.sleep(AGAIN_MS);
      }
      // It came when nobody was wanted any more.
      if (over.signal.aborted) await operator?.kill();
    }
  };
  for (let place = 0; place < size; place++) places.push(keep(await join()));
  return {
    members: () => members,
    ends,
    onLine: (listener) => void listeners.push(listener),
    full: async () =>
      void (await waitUntil(() => (members.length === size ? true : undefined), {
        what: `${size} operators`,
        limitMs: COMPLETE_MS,
        everyMs: 20,
        remedy: "Look at the last one's log.",
      })),
    ask: async (method, path, body) => {
      for (const { url } of members) {
        const answer = await ask(url, method, path, body).catch(() => undefined);
        if (answer !== undefined) return answer;
      }
      return undefined;
    },
    close: async () => {
      over.abort();
      await Promise.all(members.map(async (one) => one.kill()));
      await Promise.all(places);
    },
  };
}
