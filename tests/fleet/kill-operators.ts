// Kills the operators of a fleet while they upgrade it: at boundaries of steps, or at random moments.
import { seededRandom, systemClock } from "@tidegate/kernel";
import type { OperatorProcess } from "../operations/operator-process.ts";
import type { FleetUnderTest } from "./open-fleet.ts";

export interface Killing {
  /** `step.started migrate`; one for each operator that a SIGKILL of ours ended, in order. */
  readonly killed: readonly string[];
  /** No more kills from here on; resolves when the crew is complete again. */
  readonly stop: () => Promise<void>;
}

const BOUNDARIES = ["step.started", "step.succeeded"];

/**
 * Kills at each boundary once, whichever operator passes it first. At a beginning up to `laterMs` later, so inside the step.
 * Lines that a dying operator had written before do not count: nobody can be killed there any more, until another passes it.
 */
export function killAtBoundaries(
  { crew }: FleetUnderTest,
  { seed, laterMs, most }: { readonly seed: number; readonly laterMs: number; readonly most: number },
): Killing {
  const random = seededRandom(seed);
  const seen = new Set<string>();
  const dying = new Set<OperatorProcess>();
  const killed: string[] = [];
  const deaths: Promise<void>[] = [];
  let isOver = false;
  const kill = async (operator: OperatorProcess, boundary: string, delayMs: number): Promise<void> => {
    if (delayMs > 0) await systemClock.sleep(delayMs);
    if (await isEndedBySigkill(operator)) killed.push(boundary);
    // It had ended by itself: another one passes here.
    else seen.delete(boundary);
  };
  crew.onLine((operator, { message, step }) => {
    if (isOver || step === undefined || dying.has(operator) || !BOUNDARIES.includes(message)) return;
    const boundary = `${message} ${step}`;
    if (seen.has(boundary) || dying.size >= most) return;
    seen.add(boundary);
    dying.add(operator);
    deaths.push(kill(operator, boundary, message === "step.started" ? random.integer(0, laterMs) : 0));
  });
  return {
    killed,
    stop: async () => {
      isOver = true;
      await Promise.all(deaths);
      await crew.full();
    },
  };
}

/** How often the one that is left is killed, too, at some moment of its taking over. */
const BOTH = 0.25;

/**
 * Kills one of them at random moments, each at most `everyMs` after the crew was complete again, until told to stop. A machine that starts
 * operators more slowly than they are killed would show nothing.
 */
export function killAtRandom(
  { crew }: FleetUnderTest,
  { seed, everyMs }: { readonly seed: number; readonly everyMs: number },
): Killing {
  const random = seededRandom(seed);
  const killed: string[] = [];
  const over = new AbortController();
  const rounds = (async () => {
    while (!over.signal.aborted) {
      const isAgain = random.next() < BOTH;
      if (!isAgain) await crew.full();
      await systemClock.sleep(random.next() * everyMs, over.signal).catch(() => undefined);
      const members = crew.members();
      if (over.signal.aborted || members.length === 0) continue;
      const operator = random.pick(members);
      if (await isEndedBySigkill(operator)) killed.push(lastStepOf(operator));
    }
  })();
  return {
    killed,
    stop: async () => {
      over.abort();
      await rounds;
      await crew.full();
    },
  };
}

async function isEndedBySigkill(operator: OperatorProcess): Promise<boolean> {
  operator.signal("SIGKILL");
  return (await operator.ended) === "SIGKILL";
}

function lastStepOf({ lines }: OperatorProcess): string {
  const last = lines.findLast((line) => line.step !== undefined);
  return last === undefined ? "before it did anything" : `${last.message} ${last.step ?? ""}`;
}
