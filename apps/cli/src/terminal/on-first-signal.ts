// Ctrl-C and SIGTERM: the first one stops in order, a second one of Ctrl-C leaves at once.
import { EXIT } from "@tidegate/kernel";
import type { Terminal } from "./terminal.ts";

export interface FirstSignal {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  /** Which signal it was, if any. */
  received(): NodeJS.Signals | undefined;
  /** Gives the signals back to Node. */
  release(): void;
}

/** Listens until `release()`. */
export function onFirstSignal(terminal: Terminal): FirstSignal {
  const abort = new AbortController();
  let received: NodeJS.Signals | undefined;
  const listener = (signal: NodeJS.Signals): void => {
    if (received === undefined) {
      received = signal;
      terminal.talk(
        `${signal === "SIGINT" ? "Ctrl-C" : signal}: stopping everything in order. Ctrl-C again leaves at once; what still runs is stopped by \`tidegate down\`.`,
      );
      abort.abort(new Error(`stopped by ${signal}`));
    } else if (signal === "SIGINT") process.exit(EXIT.interrupted);
  };
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  process.on("SIGHUP", listener);
  return {
    signal: abort.signal,
    abort: (reason) => abort.abort(reason),
    received: () => received,
    release: () => {
      for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(name, listener);
    },
  };
}
