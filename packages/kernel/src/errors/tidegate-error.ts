// The one error type of the product: what happened, what to do about it, and whether trying again can help.

/** When trying the same thing again can help. */
export type Retry = "never" | "later" | "now";

/** Who has to act: the person who called, we who wrote it, or something that we depend on. */
export type Blame = "user" | "us" | "dependency";

/** The documented exit codes of `tidegate` (README, "Exit codes"). */
export const EXIT = {
  ok: 0,
  failed: 1,
  changes: 2,
  usage: 64,
  partDown: 69,
  tryAgain: 75,
  notAllowed: 77,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface TidegateErrorFacts {
  /** Stable, dotted, lower case: `config.value-invalid`. Scripts may depend on it. */
  readonly code: string;
  /** What happened, in one or two sentences, and what was or was not changed. */
  readonly message: string;
  /** What the reader can do now. */
  readonly remedy: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  readonly retry?: Retry;
  readonly blame?: Blame;
  readonly exit?: ExitCode;
}

/**
 * Every failure that the product foresees. Subclasses take facts in their constructor and write their own sentence.
 *
 * Defaults: `retry` "never", `blame` "us", `exit` 1.
 */
export class TidegateError extends Error {
  override readonly name: string = "TidegateError";
  readonly code: string;
  readonly remedy: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retry: Retry;
  readonly blame: Blame;
  readonly exit: ExitCode;

  constructor(facts: TidegateErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.remedy = facts.remedy;
    this.details = facts.details ?? {};
    this.retry = facts.retry ?? "never";
    this.blame = facts.blame ?? "us";
    this.exit = facts.exit ?? EXIT.failed;
  }
}
