// The supervisor's times, in one place.

export interface Timing {
  /** Between two rounds when nothing calls for one earlier. Default 200. */
  readonly roundMs: number;
  /** First pause after a failure; doubles with each. Default 1,000. */
  readonly backoffBaseMs: number;
  /** Longest pause. Default 30,000. */
  readonly backoffMaxMs: number;
  /** An instance healthy for this long starts again from the first pause. Default 60,000. */
  readonly backoffResetMs: number;
  /** Failures, of all instances of a deployment together, after which it counts as failed. Default 5. */
  readonly failuresToFailed: number;
  /** Without a health check an instance that lives this long counts as healthy. Default 1,000. */
  readonly aliveIsHealthyMs: number;
  /** Between two looks at the sizes of logs. Default 1,000. */
  readonly logCheckMs: number;
  /** After this long a stop kills whatever is left, in whatever order. Default 60,000. */
  readonly stopLimitMs: number;
}

export const DEFAULT_TIMING: Timing = {
  roundMs: 200,
  backoffBaseMs: 1_000,
  backoffMaxMs: 30_000,
  backoffResetMs: 60_000,
  failuresToFailed: 5,
  aliveIsHealthyMs: 1_000,
  logCheckMs: 1_000,
  stopLimitMs: 60_000,
};

/** The pause after the nth failure in a row (n from 1): base, 2 base, 4 base … at most max. No jitter: one machine, one client. */
export function restartPauseMs(failures: number, timing: Pick<Timing, "backoffBaseMs" | "backoffMaxMs">): number {
  return Math.min(timing.backoffMaxMs, timing.backoffBaseMs * 2 ** (failures - 1));
}
