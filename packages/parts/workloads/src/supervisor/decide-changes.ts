// The heart of the supervisor, without any effect: given what should be and what is, what to do now.
import type { StopReason } from "./events.ts";
import type { Phase } from "./slot.ts";

export interface SlotView {
  readonly index: number;
  readonly phase: Phase;
  /** Whether it runs (or, when idle, last ran) what is desired now. */
  readonly isCurrent: boolean;
  /** Whether it may be started as far as its own pause after a failure goes. */
  readonly isDue: boolean;
}

export interface ServiceView {
  readonly desiredCount: number;
  readonly slots: readonly SlotView[];
  /** "run" reconciles; "hold" starts and stops nothing (its turn in a stop has not come); "drain" stops everything. */
  readonly mode: "run" | "hold" | "drain";
  /** Whether the services that it must start after are healthy. */
  readonly mayStart: boolean;
}

export type Change =
  | { readonly kind: "start"; readonly index: number }
  | { readonly kind: "stop"; readonly index: number; readonly reason: StopReason }
  | { readonly kind: "drop"; readonly index: number };

/**
 * Surplus instances are stopped together. Missing ones are started together, unless instances of another release still
 * live: then the service rolls, one instance at a time, lowest index first, each stopped before its successor starts
 * (they share a port), the next touched only when the former is healthy.
 */
export function decideChanges(view: ServiceView): Change[] {
  if (view.mode === "hold") return [];
  if (view.mode === "drain") return view.slots.flatMap((slot) => away(slot, "shutdown"));
  const surplus = view.slots
    .filter((slot) => slot.index >= view.desiredCount)
    .flatMap((slot) => away(slot, "scaled-down"));
  const wanted = Array.from({ length: view.desiredCount }, (_, index) => slotAt(view, index));
  const isRolling = wanted.some((slot) => slot.phase !== "idle" && !slot.isCurrent);
  return [...surplus, ...(isRolling ? roll(wanted, view.mayStart) : startMissing(wanted, view.mayStart))];
}

function away(slot: SlotView, reason: StopReason): Change[] {
  if (slot.phase === "idle") return [{ kind: "drop", index: slot.index }];
  return slot.phase === "stopping" ? [] : [{ kind: "stop", index: slot.index, reason }];
}

function slotAt(view: ServiceView, index: number): SlotView {
  return view.slots.find((slot) => slot.index === index) ?? { index, phase: "idle", isCurrent: false, isDue: true };
}

function startMissing(wanted: readonly SlotView[], mayStart: boolean): Change[] {
  if (!mayStart) return [];
  return wanted.filter((slot) => slot.phase === "idle" && (slot.isDue || !slot.isCurrent)).map(start);
}

function roll(wanted: readonly SlotView[], mayStart: boolean): Change[] {
  const begun = wanted.find((slot) => slot.phase === "stopping" || (slot.isCurrent && slot.phase !== "running"));
  if (begun !== undefined) return begun.phase === "idle" && begun.isDue && mayStart ? [start(begun)] : [];
  const empty = wanted.find((slot) => slot.phase === "idle");
  if (empty !== undefined) return mayStart ? [start(empty)] : [];
  const next = wanted.find((slot) => !slot.isCurrent);
  return next === undefined || !mayStart ? [] : [{ kind: "stop", index: next.index, reason: "replaced" }];
}

function start(slot: SlotView): Change {
  return { kind: "start", index: slot.index };
}
