// An event as one plain line, for logs and for what is no terminal.
import type { StoredEventView } from "@tidegate/contract";
import { duration } from "./duration.ts";

/** Undefined for what is only interesting while it is drawn. */
export function eventLine(event: StoredEventView): string | undefined {
  const words = wordsOf(event);
  return words === undefined ? undefined : `${event.at.slice(11, 23)}  ${words}`;
}

function wordsOf({ code, step, data }: StoredEventView): string | undefined {
  const name = step ?? "";
  const error = data["error"] as { readonly message?: string } | undefined;
  switch (code) {
    case "run.executing":
      return data["isResumed"] === true
        ? `taken over by ${String(data["executor"])}`
        : `begun by ${String(data["executor"])}`;
    case "run.waiting-for-lock":
      return `waits for the lock "${String(data["lock"])}", held by ${String(data["holder"])} with run ${String(data["holderRun"])}`;
    case "run.cancel-requested":
      return `asked to end by ${String(data["by"])}`;
    case "run.retried":
      return `to be run again from ${String(data["from"])}`;
    case "run.succeeded":
      return "succeeded";
    case "run.failed":
      return `failed: ${error?.message ?? ""}`;
    case "run.cancelled":
      return cancelledLine(data);
    case "step.started":
      return data["attempt"] === 1 ? `${name} ...` : undefined;
    case "step.retrying":
      return `${name} is tried again in ${duration(Number(data["waitMs"]))}: ${error?.message ?? ""}`;
    case "step.succeeded":
      return `${name} done in ${duration(Number(data["durationMs"]))}`;
    case "step.failed":
      return `${name} failed: ${error?.message ?? ""}`;
    case "wait.started":
      return `${name} waits (${String(data["kind"])}) until ${String(data["until"])}${data["question"] === null ? "" : `: ${JSON.stringify(data["question"])}`}`;
    case "wait.ended":
      return `${name}: ${String(data["outcome"])}`;
    case "signal.sent":
      return `${name} answered by ${String(data["by"])}`;
    default:
      return undefined;
  }
}

function cancelledLine({ undone = [], told = [] }: { undone?: readonly string[]; told?: readonly string[] }): string {
  return [`cancelled; undone: ${undone.join(", ") || "nothing"}`, ...told].join(". ");
}
