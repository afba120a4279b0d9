// What the stand-in knows of a function, and what running one gives.
import type { LastUpdateStatus, State } from "@aws-sdk/client-lambda";

export interface FunctionRecord {
  readonly name: string;
  readonly timeoutSeconds: number;
  /** What runs. */
  image: string | undefined;
  /** What an update is about to make it run. */
  next: string | undefined;
  state: { readonly is: State; readonly reason?: string };
  lastUpdate: { readonly is: LastUpdateStatus; readonly reason?: string };
}

/** How it ended; `exited` as Go's `os/exec` says it: "exit status 3", "signal: killed". */
export type LambdaOutcome =
  | { readonly returned: unknown }
  | { readonly threw: { readonly name: string; readonly message: string } }
  | { readonly exited: string }
  | "timed-out";

/** Runs an image with the payload's JSON; no image for a function of a zip archive. */
export type RunImage = (image: string | undefined, payload: string) => Promise<LambdaOutcome>;
