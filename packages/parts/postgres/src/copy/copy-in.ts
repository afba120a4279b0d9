// COPY … FROM STDIN on pg's own connection: a "submittable", as pg calls what drives a conversation with the server by itself.
import type { Duplex } from "node:stream";
import type pg from "pg";

/** What of pg's Connection is used here; its type declarations leave out the COPY messages. */
interface CopyConnection {
  readonly stream: Duplex;
  query(text: string): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

export interface CopyInOptions {
  readonly sql: string;
  /** CopyData messages. They are not touched any more once the promise settles. */
  readonly frames: readonly Uint8Array[];
  /** Ends the copy; the server then reports it as failed and keeps nothing. */
  readonly signal?: AbortSignal | undefined;
}

type Settle = (error: Error | null, copied?: number) => void;

/** Sends the frames as fast as the socket takes them; resolves with the server's count of rows, rejects with pg's error. */
export function copyIn(client: pg.ClientBase, options: CopyInOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const settle: Settle = (error, copied = 0) => (error === null ? resolve(copied) : reject(error));
    client.query(createSubmittable(options, settle));
  });
}

function createSubmittable(options: CopyInOptions, settle: Settle): pg.Submittable & { callback: Settle } {
  let copied = 0;
  let failure: Error | undefined;
  let sending: Promise<void> = Promise.resolve();

  const submittable = {
    // pg replaces `callback` with one that also clears its read timeout: it is looked up when it is called.
    callback: settle,
    submit: (connection: unknown) => (connection as CopyConnection).query(options.sql),
    handleCopyInResponse: (connection: CopyConnection) => {
      sending = sendFrames(connection, options, () => failure !== undefined);
    },
    handleCommandComplete: (message: { readonly text: string }) => {
      copied = Number(/^COPY (\d+)$/.exec(message.text)?.[1] ?? 0);
    },
    handleError: (error: Error) => {
      failure = error;
      // The socket may still hold a frame; its memory is given back only when it does not.
      void sending.then(() => submittable.callback(error));
    },
    handleReadyForQuery: () => {
      if (failure === undefined) submittable.callback(null, copied);
    },
    // COPY FROM answers with none of these; pg calls them without asking.
    handleRowDescription: () => undefined,
    handleDataRow: () => undefined,
    handlePortalSuspended: () => undefined,
    handleEmptyQuery: () => undefined,
    handleCopyData: () => undefined,
  };
  return submittable;
}

/** Never rejects: a broken connection is reported by pg through handleError. */
async function sendFrames(connection: CopyConnection, options: CopyInOptions, hasFailed: () => boolean): Promise<void> {
  for (const frame of options.frames) {
    // After an error the server throws away what still comes; ending is not needed either.
    if (hasFailed()) return;
    if (options.signal?.aborted === true) return connection.sendCopyFail("cancelled by the client");
    if (!connection.stream.writable) return;
    await new Promise<void>((resolve) => {
      connection.stream.write(frame, () => resolve());
    });
  }
  if (!hasFailed()) connection.endCopyFrom();
}
