// The port: what a service of Tidegate may ask of whatever runs short-lived functions, here or on Lambda.

/** "updating" until an update has taken effect; "failed" when the last one did not, or when what it runs is not usable. */
export type FunctionState = "ready" | "updating" | "failed";

export interface FunctionStatus {
  readonly name: string;
  readonly state: FunctionState;
  /** Why it failed, in one sentence. */
  readonly reason?: string;
  /** What runs when it is invoked now, as an image's `uri`; null when it runs no image. */
  readonly image: string | null;
  /** An invocation is ended after this long. */
  readonly timeoutMs: number;
}

export interface Invocation {
  /** A limit of ours on the wait for the answer, at least the function's own. */
  readonly limitMs: number;
  /** Aborted, the call throws the signal's reason. Here the function is ended then; on Lambda it goes on. */
  readonly signal?: AbortSignal;
  /** Says who invokes, in the function's log: a step's idempotency key. */
  readonly requestId?: string;
}

/** Short-lived functions by name. Every method throws FunctionUnknown for a name that it does not know. */
export interface Functions {
  describe(name: string): Promise<FunctionStatus>;
  /** Replaces what runs; returns at once, see waitForFunction. The same image again changes nothing. Throws FunctionBusy, ImageRefused. */
  update(name: string, change: { readonly image: string }): Promise<void>;
  /**
   * Runs it once with `payload` as JSON and gives what it returned; null for nothing. Never invoked again by this call: who wants another try
   * decides it. Throws, when it did not run: PayloadTooLarge, ImageRefused, FunctionBusy. When it ran: FunctionFailed (it threw or timed
   * out, and is over: `details` name its error), FunctionCrashed (it ended without an answer, and is over), InvocationLost (no answer: it
   * may still be running).
   */
  invoke(name: string, payload: unknown, invocation: Invocation): Promise<unknown>;
  /**
   * Runs another image of it without changing anything, for questions that only the new code can answer. Throws as `invoke` does. Undefined
   * where the adapter cannot.
   */
  readonly invokeImage?: (name: string, image: string, payload: unknown, invocation: Invocation) => Promise<unknown>;
}
