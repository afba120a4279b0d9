// What invoker and runner tell each other: one line of JSON each way.

/** To the runner, on its stdin. The invoker keeps it open: its end says that the invoker is gone. */
export interface RunRequest {
  readonly name: string;
  readonly image: string;
  readonly requestId: string;
  readonly handlerFile: string;
  readonly exportName: string;
  readonly timeoutMs: number;
  /** JSON text. */
  readonly payload: string;
  /** stdout and stderr are it already; by its path it is turned over. */
  readonly logFile: string;
  /** The log is turned over when it is longer. */
  readonly logLimitBytes: number;
  readonly answerLimitBytes: number;
}

export interface ThrownFacts {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly remedy?: string;
}

/** From the runner, on ANSWER_FD; none when it was ended by something else. */
export type RunAnswer =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "threw"; readonly error: ThrownFacts }
  | { readonly kind: "timed-out" };

/** Not 1 and 2: what the function prints must not pass for its answer. */
export const ANSWER_FD = 3;

/** Who answers first: the function (its thread), or the time limit (the watchdog's). */
export const UNDECIDED = 0;
export const ANSWERED = 1;
export const TIMED_OUT = 2;
