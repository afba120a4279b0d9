// Failures on demand: a call is throttled, an action is denied, an answer never comes.

export interface Fault {
  /** "ecs:UpdateService". */
  readonly action: string;
  /** Only calls with such an input. */
  readonly of?: (input: unknown) => boolean;
  /** Which of these calls from now on, from 1. Default the next one. */
  readonly calls?: readonly number[] | "all";
  readonly answer:
    | "throttle"
    | "deny"
    | "hang-up"
    | { readonly error: string; readonly message: string; readonly status?: number };
}

export interface Faults {
  /** Gives what takes the fault away again. */
  readonly inject: (fault: Fault) => () => void;
  /** The fault that the next call of this action meets; counts the call. */
  readonly meet: (action: string, input: unknown) => Fault["answer"] | undefined;
}

export function createFaults(): Faults {
  const active = new Set<{ readonly fault: Fault; met: number }>();
  return {
    inject: (fault) => {
      const entry = { fault, met: 0 };
      active.add(entry);
      return () => active.delete(entry);
    },
    meet: (action, input) => {
      let answer: Fault["answer"] | undefined;
      for (const entry of active) {
        if (entry.fault.action !== action || entry.fault.of?.(input) === false) continue;
        entry.met += 1;
        const calls = entry.fault.calls ?? [1];
        if (calls === "all" || calls.includes(entry.met)) answer ??= entry.fault.answer;
      }
      return answer;
    },
  };
}
