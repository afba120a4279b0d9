// Which ticks of a cron expression are due. Pure; the expression is croner's.
import { Cron } from "croner";
import { ScheduleInvalid } from "../errors/schedule-errors.ts";
import type { MissedTicks, Schedule } from "./schedule.ts";

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const POLICIES: readonly MissedTicks[] = ["skip", "latest", "all"];
/** A tick that is later than this was missed. */
const GRACE_MS = 60_000;
/** More are not caught up: the oldest are dropped. */
const MOST_CAUGHT_UP = 1_000;
const LONGEST_LOCK_WAIT_MS = 24 * 60 * 60_000;

/** Throws ScheduleInvalid for a name, expression, time zone, policy or wait that cannot be kept. */
export function checkSchedule(schedule: Schedule): void {
  const refuse = (field: string, value: unknown, problem: string): never => {
    throw new ScheduleInvalid({ schedule: schedule.name, field, value: JSON.stringify(value) ?? "nothing", problem });
  };
  if (!NAME.test(schedule.name) || schedule.name.length > 60)
    refuse("name", schedule.name, "must be kebab-case, at most 60 characters");
  if (!POLICIES.includes(schedule.missed)) refuse("missed", schedule.missed, `must be ${POLICIES.join(", ")}`);
  const { lockWaitMs } = schedule;
  if (!Number.isSafeInteger(lockWaitMs) || lockWaitMs < 0 || lockWaitMs > LONGEST_LOCK_WAIT_MS) {
    refuse("lockWaitMs", lockWaitMs, `must be a whole number from 0 to ${LONGEST_LOCK_WAIT_MS}`);
  }
  try {
    Intl.DateTimeFormat("en", { timeZone: schedule.timeZone });
  } catch {
    refuse("timeZone", schedule.timeZone, 'must be an IANA name such as "UTC" or "Europe/Athens"');
  }
  try {
    cronOf(schedule);
  } catch (error) {
    refuse(
      "cron",
      schedule.cron,
      `must be a cron expression of five fields, or six with seconds first (${(error as Error).message})`,
    );
  }
}

/** The first tick after `after`; null when there is none any more. */
export function nextTick(schedule: Pick<Schedule, "cron" | "timeZone">, after: Date): Date | null {
  return cronOf(schedule).nextRun(after);
}

export interface DueTicks {
  /** To start now, oldest first. */
  readonly run: readonly Date[];
  /** Passed over by the policy, of the newest 1,000. */
  readonly skipped: number;
  /** There were ticks before those 1,000; they are passed over and not counted. */
  readonly hasOlder: boolean;
}

/** Ticks after `after` up to and including `now`, by the schedule's policy for missed ones. */
export function dueTicks(schedule: Pick<Schedule, "cron" | "timeZone" | "missed">, after: Date, now: Date): DueTicks {
  const { ticks, hasOlder } = newestTicks(cronOf(schedule), after, now);
  const fresh = ticks.filter((tick) => now.getTime() - tick.getTime() <= GRACE_MS);
  const run =
    schedule.missed === "all" ? ticks : fresh.length > 0 || schedule.missed === "skip" ? fresh : ticks.slice(-1);
  return { run, skipped: ticks.length - run.length, hasOlder };
}

/**
 * The last MOST_CAUGHT_UP ticks after `after` up to `now`. Forwards, from nearer and nearer to `after`: the way back would see other ticks where
 * the clocks change. A tick takes croner some 40 µs, so all ticks of a long absence would hold up the process.
 */
function newestTicks(
  cron: Cron,
  after: Date,
  now: Date,
): { readonly ticks: readonly Date[]; readonly hasOlder: boolean } {
  for (let spanMs = MOST_CAUGHT_UP * 1_000; ; spanMs *= 2) {
    const from = Math.max(after.getTime(), now.getTime() - spanMs);
    const ticks: Date[] = [];
    for (let tick = cron.nextRun(new Date(from)); tick !== null && tick <= now; tick = cron.nextRun(tick)) {
      ticks.push(tick);
    }
    const isAll = from === after.getTime();
    if (ticks.length < MOST_CAUGHT_UP && !isAll) continue;
    return { ticks: ticks.slice(-MOST_CAUGHT_UP), hasOlder: !isAll || ticks.length > MOST_CAUGHT_UP };
  }
}

function cronOf({ cron, timeZone }: Pick<Schedule, "cron" | "timeZone">): Cron {
  return new Cron(cron, { timezone: timeZone, paused: true, mode: "5-or-6-parts" });
}
