// A held lock, as it is shown to whoever finds it held.

export interface LockView {
  readonly name: string;
  readonly runId: string;
  readonly operation: string;
  /** Who started the run. */
  readonly holder: string;
  readonly reason: string | null;
  readonly acquiredAt: Date;
}
