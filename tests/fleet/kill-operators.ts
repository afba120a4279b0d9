// Kills the operator of a fleet while it upgrades: at boundaries of steps, or at random moments.
import { seededRandom, systemClock } from "@tidegate/kernel";
import type { OperatorProcess } from "../operations/operator-process.ts";
import type { FleetUnderTest } from "./open-fleet.ts";

export interface Killing {
  /** `step.started migrate`, each once, in order; as many operators were killed. */
  readonly killed: readonly string[];
  /** No more kills from here on. */
  readonly stop: () => Promise<void>;
}

/**
 * Kills each operator once: at the first boundary that none was killed at before. At a beginning up to `laterMs` later, so inside the step.
 * Lines that a dead operator had written before do not count.
 */
export function killAtBoundaries(
  fleet: FleetUnderTest,
  options: {
    readonly seed: number;
    readonly laterMs: number;
    readonly only: readonly string[];
    /** No more kills than so many. */
    readonly most: number;
  },
): Killing {
  const { seed, laterMs, only, most } = options;
  const random = seededRandom(seed);
  const seen = new Set<string>();
  const killed: string[] = [];
  let replacing = Promise.resolve();
  let isOver = false;
  const watch = (operator: OperatorProcess): void => {
    let isDying = false;
    operator.onLine(({ message, step }) => {
      const boundary = `${message} ${step ?? ""}`;
      if (
        isOver ||
        isDying ||
        killed.length >= most ||
        step === undefined ||
        !only.includes(message) ||
        seen.has(boundary)
      )
        return;
      seen.add(boundary);
      killed.push(boundary);
      isDying = true;
      const delayMs = message === "step.started" ? random.integer(0, laterMs) : 0;
      setTimeout(() => operator.signal("SIGKILL"), delayMs);
      replacing = replace(operator, replacing);
    });
  };
  const replace = async (dead: OperatorProcess, before: Promise<void>): Promise<void> => {
    await before;
    await dead.ended;
    watch(await fleet.replaceOperator());
  };
  watch(fleet.operator());
  return {
    killed,
    stop: async () => {
      isOver = true;
      await replacing;
    },
  };
}

/** Kills at random moments, each operator after at most `everyMs`, until told to stop. */
export function killAtRandom(
  fleet: FleetUnderTest,
  { seed, everyMs }: { readonly seed: number; readonly everyMs: number },
): Killing {
  const random = seededRandom(seed);
  const killed: string[] = [];
  const over = new AbortController();
  const rounds = (async () => {
    while (!over.signal.aborted) {
      await systemClock.sleep(random.next() * everyMs, over.signal).catch(() => undefined);
      if (over.signal.aborted) return;
      const operator = fleet.operator();
      killed.push(`operator ${operator.pid}`);
      await operator.kill();
      await fleet.replaceOperator();
    }
  })();
  return {
    killed,
    stop: async () => {
      over.abort();
      await rounds;
    },
  };
}
