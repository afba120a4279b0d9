// The events of a run as server-sent events: stored ones first, then each as it is stored, to the end of the run.
import { ENDED_STATES, type Engine } from "@tidegate/engine";
import { plainJson } from "./plain-json.ts";

const PING_MS = 10_000;

export interface StreamOptions {
  readonly engine: Engine;
  readonly runId: string;
  readonly after: bigint;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/**
 * `id:` is the event's number, `event:` its code, `data:` the stored event. A comment every ten seconds; `event: end` when the run has ended
 * and everything was sent. Nothing is read ahead of the client: it pulls.
 */
export function streamEvents({ engine, runId, after, signal }: StreamOptions): ReadableStream<Uint8Array> {
  const text = new TextEncoder();
  let last = after;
  let isNew = Promise.withResolvers<void>();
  const off = engine.onStored(runId, () => isNew.resolve());
  const close = (): void => {
    off();
    isNew.resolve();
  };
  signal.addEventListener("abort", close, { once: true });
  return new ReadableStream<Uint8Array>({
    pull: async (stream) => {
      for (;;) {
        if (signal.aborted) return finish(stream, close);
        isNew = Promise.withResolvers<void>();
        const run = await engine.get(runId);
        const events = await engine.events(runId, last);
        if (events.length > 0) {
          const frames = events.map(
            (event) => `id: ${event.seq}\nevent: ${event.code}\ndata: ${JSON.stringify(plainJson(event))}\n\n`,
          );
          last = events.at(-1)?.seq ?? last;
          return stream.enqueue(text.encode(frames.join("")));
        }
        if (ENDED_STATES.has(run.state)) {
          stream.enqueue(text.encode(`event: end\ndata: ${JSON.stringify({ state: run.state })}\n\n`));
          return finish(stream, close);
        }
        if (!(await cameWithin(isNew.promise, PING_MS))) return stream.enqueue(text.encode(": still here\n\n"));
      }
    },
    cancel: close,
  });
}

function finish(stream: ReadableStreamDefaultController<Uint8Array>, close: () => void): void {
  close();
  stream.close();
}

async function cameWithin(event: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([event.then(() => true), limit]);
  } finally {
    clearTimeout(timer);
  }
}
