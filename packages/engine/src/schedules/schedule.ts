// A schedule starts an operation at the ticks of a cron expression in a time zone, once per tick across executors.

/**
 * What becomes of ticks that passed while no executor was there or the schedule was being edited:
 * - "skip": nothing
 * - "latest": one run, for the newest of them
 * - "all": one run each, oldest first, at most 1,000
 *
 * Ticks that pass while a schedule is paused are never caught up.
 */
export type MissedTicks = "skip" | "latest" | "all";

export interface Schedule {
  /** kebab-case, unique. */
  readonly name: string;
  readonly operation: string;
  readonly input: unknown;
  /** Five fields, or six with seconds first. */
  readonly cron: string;
  /** IANA name, "UTC", "Europe/Athens". */
  readonly timeZone: string;
  readonly missed: MissedTicks;
  /** How long a scheduled run may wait for its lock. */
  readonly lockWaitMs: number;
}

export interface ScheduleView extends Schedule {
  readonly isPaused: boolean;
  readonly lastTick: Date | null;
  readonly lastRunId: string | null;
  /** Null while paused. */
  readonly nextTick: Date | null;
  /** Why the last tick started nothing; null when it did. */
  readonly lastError: string | null;
}

export interface Schedules {
  list(): Promise<readonly ScheduleView[]>;
  /** Creates or replaces. Throws ScheduleInvalid, OperationUnknown, InputInvalid. */
  set(schedule: Schedule, options: { readonly by: string }): Promise<void>;
  /** Throws ScheduleUnknown; so do the next three. */
  remove(name: string, options: { readonly by: string }): Promise<void>;
  pause(name: string, options: { readonly by: string }): Promise<void>;
  /** Goes on with the next tick from now. */
  resume(name: string, options: { readonly by: string }): Promise<void>;
  /** Starts its run now, outside the ticks. */
  runNow(name: string, options: { readonly by: string }): Promise<{ readonly runId: string }>;
}
