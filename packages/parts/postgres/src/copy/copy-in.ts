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

interface CopyIn {
  /** One COPY … FROM STDIN, without a semicolon. */
  readonly sql: string;
  /** CopyData messages. They are not touched any more once the promise settles. */
  readonly frames: readonly Uint8Array[];
}

export interface CopyInOptions {
  /** At least one. */
  readonly copies: readonly CopyIn[];
  /** Ends the copy in hand; the server then reports it as failed, and keeps nothing of any. */
  readonly signal?: AbortSignal | undefined;
}

type Settle = (error: Error | null, copied?: readonly number[]) => void;

/**
 * Sends the frames as fast as the socket takes them; resolves with the server's counts of rows, rejects with pg's error. Several copies are one
 * query of several statements: the server goes from one to the next without a word from us, and outside a transaction all or none are kept.
 */
export function copyIn(client: pg.ClientBase, options: CopyInOptions): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const settle: Settle = (error, copied = []) => (error === null ? resolve(copied) : reject(error));
    client.query(createSubmittable(options, settle));
  });
}

function createSubmittable(options: CopyInOptions, settle: Settle): pg.Submittable & { callback: Settle } {
  const copied: number[] = [];
  let failure: Error | undefined;
  let sending: Promise<void> | undefined;

  const submittable = {
    // pg replaces `callback` with one that also clears its read timeout: it is looked up when it is called.
    callback: settle,
    submit: (connection: unknown) =>
      (connection as CopyConnection).query(options.copies.map(({ sql }) => sql).join("; ")),
    handleCopyInResponse: (connection: CopyConnection) => {
      // The first one; what follows is sent without waiting for the others. After an error the server throws away what still comes.
      sending ??= sendCopies(connection, options, () => failure !== undefined);
    },
    handleCommandComplete: (message: { readonly text: string }) => {
      copied.push(Number(/^COPY (\d+)$/.exec(message.text)?.[1] ?? 0));
    },
    handleError: (error: Error) => {
      failure = error;
      // The socket may still hold a frame; its memory is given back only when it does not.
      void (sending ?? Promise.resolve()).then(() => submittable.callback(error));
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

/** Never rejects: a broken connection is reported by pg through handleError. Resolves when the socket holds no frame any more. */
async function sendCopies(connection: CopyConnection, options: CopyInOptions, hasFailed: () => boolean): Promise<void> {
  const { stream } = connection;
  let written: Promise<void> = Promise.resolve();
  for (const { frames } of options.copies) {
    for (const frame of frames) {
      // After an error the server throws away what still comes; ending is not needed either.
      if (hasFailed() || !stream.writable) return written;
      if (options.signal?.aborted === true) {
        connection.sendCopyFail("cancelled by the client");
        return written;
      }
      written = new Promise<void>((resolve) => {
        stream.write(frame, () => resolve());
      });
      if (stream.writableLength > MOST_WAITING) await written;
    }
    if (hasFailed()) return written;
    connection.endCopyFrom();
  }
  return written;
}

/** Bytes that may wait for the socket: the server finds more whenever it looks, also while this process is busy. */
const MOST_WAITING = 4 * 2 ** 20;
