// The last gate before an event is told or stored: no secret in anything it says, whoever said it.
import type { Secret } from "@tidegate/kernel";
import { scrub } from "../journal/scrub.ts";
import type { EngineEvent } from "./engine-event.ts";

export function scrubEvent(event: EngineEvent, secrets: readonly Secret[]): EngineEvent {
  // The same shape as before: only the characters of texts change.
  return { ...event, data: scrubValue(event.data, secrets) } as EngineEvent;
}

function scrubValue(value: unknown, secrets: readonly Secret[]): unknown {
  if (typeof value === "string") return scrub(value, secrets);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => scrubValue(item, secrets));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, scrubValue(item, secrets)]));
}
