// COPY … FROM STDIN of bytes that are complete, on pg's own connection.
import type { Duplex } from "node:stream";
import type pg from "pg";

interface CopyConnection {
  readonly stream: Duplex;
  query(text: string): void;
}

/** CopyData messages of this size: the server holds each one in memory whole. */
const FRAME_BYTES = 2 ** 18;

export async function copyBytes(client: pg.Client, sql: string, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    const ignored = (): void => undefined;
    const submittable = {
      submit: (connection: unknown) => (connection as CopyConnection).query(sql),
      handleCopyInResponse: ({ stream }: CopyConnection) => {
        stream.cork();
        for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
          const part = bytes.subarray(at, at + FRAME_BYTES);
          const head = Buffer.alloc(5);
          head.writeUInt8(0x64);
          head.writeInt32BE(part.length + 4, 1);
          stream.write(head);
          stream.write(part);
        }
        // CopyDone.
        stream.write(Buffer.from([0x63, 0, 0, 0, 4]));
        stream.uncork();
      },
      handleError: (error: Error) => {
        failure = error;
        reject(error);
      },
      handleReadyForQuery: () => {
        if (failure === undefined) resolve();
      },
      handleCommandComplete: ignored,
      handleRowDescription: ignored,
      handleDataRow: ignored,
      handlePortalSuspended: ignored,
      handleEmptyQuery: ignored,
      handleCopyData: ignored,
    };
    client.query(submittable as pg.Submittable);
  });
}
