// Time in the stand-in: what is to happen later happens, in order, when somebody next looks. No timers, so nothing is left behind.
import type { Clock } from "@tidegate/kernel";

export interface Timeline {
  /** Milliseconds; during an effect, the moment at which it was due. */
  readonly nowMs: () => number;
  readonly date: () => Date;
  readonly after: (ms: number, effect: () => void) => void;
  /** Lets happen what is due. The server does it before every call. */
  readonly catchUp: () => void;
}

export function createTimeline(clock: Clock): Timeline {
  const due: { readonly atMs: number; readonly effect: () => void }[] = [];
  const startedAt = clock.now().getTime() - clock.monotonicMs();
  let momentMs: number | undefined;
  const nowMs = (): number => momentMs ?? clock.monotonicMs();
  return {
    nowMs,
    date: () => new Date(startedAt + nowMs()),
    after: (ms, effect) => {
      due.push({ atMs: nowMs() + ms, effect });
    },
    catchUp: () => {
      const untilMs = clock.monotonicMs();
      try {
        for (;;) {
          due.sort((a, b) => a.atMs - b.atMs);
          const next = due[0];
          if (next === undefined || next.atMs > untilMs) return;
          due.shift();
          momentMs = next.atMs;
          next.effect();
        }
      } finally {
        momentMs = undefined;
      }
    },
  };
}
