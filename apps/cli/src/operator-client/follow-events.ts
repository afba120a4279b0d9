// The events of a run as they are stored, over every restart of the operator.
import { storedEventSchema, type StoredEventView } from "@tidegate/contract";
import { systemClock, TidegateError } from "@tidegate/kernel";
import type { OperatorClient } from "./create-client.ts";
import { OperatorUnreachable } from "./errors.ts";

export type Followed =
  | { readonly kind: "event"; readonly event: StoredEventView }
  /** Nobody answers; it is tried again. */
  | { readonly kind: "away"; readonly error: unknown }
  | { readonly kind: "back" };

const AGAIN_MS = 500;
/** How long an operator may be away. */
const AWAY_LIMIT_MS = 60_000;

/** Ends with the run. Throws OperatorUnreachable when nobody has answered for a minute, and what the operator refuses. */
export async function* followEvents(
  client: OperatorClient,
  runId: string,
  signal: AbortSignal,
): AsyncGenerator<Followed> {
  let last = "0";
  let awaySinceMs: number | undefined;
  while (!signal.aborted) {
    try {
      const headers = { accept: "text/event-stream", "last-event-id": last };
      const response = await client.open(`/v1/runs/${encodeURIComponent(runId)}/events`, headers, signal);
      if (awaySinceMs !== undefined) yield { kind: "back" };
      awaySinceMs = undefined;
      for await (const message of serverSentEvents(response)) {
        if (message.event === "end") return;
        if (message.data === "") continue;
        const event = storedEventSchema.parse(JSON.parse(message.data));
        last = event.seq;
        yield { kind: "event", event };
      }
      // The operator stopped in the middle of the run.
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof TidegateError && error.retry === "never") throw error;
      const now = systemClock.monotonicMs();
      if (awaySinceMs === undefined) yield { kind: "away", error };
      awaySinceMs ??= now;
      if (now - awaySinceMs > AWAY_LIMIT_MS) {
        throw new OperatorUnreachable({
          url: client.url,
          reason: `it has not answered for ${AWAY_LIMIT_MS / 1_000} s`,
          cause: error,
        });
      }
    }
    await systemClock.sleep(AGAIN_MS, signal).catch(() => undefined);
  }
}

interface Message {
  readonly event: string;
  readonly data: string;
}

/** Source of the format: HTML Living Standard, section 9.2.6. Of it: `event`, `data` on one line, comments. */
async function* serverSentEvents(response: Response): AsyncGenerator<Message> {
  const decoder = new TextDecoder();
  let text = "";
  // Web streams are iterable in Node; their declared type does not say so.
  for await (const part of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(part, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      yield parseMessage(text.slice(0, end));
      text = text.slice(end + 2);
    }
  }
}

function parseMessage(block: string): Message {
  const field = (name: string): string =>
    block
      .split("\n")
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? "";
  return { event: field("event"), data: field("data") };
}
