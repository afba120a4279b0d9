// What is no longer as it was planned, place by place.
import { isDeepStrictEqual } from "node:util";
import type { PlanChange } from "../errors/plan-errors.ts";
import { encode } from "../journal/codec.ts";

const SHOWN = 200;

/** The places in which two plain values differ, in the order of the first; empty when they are the same. */
export function changesBetween(planned: unknown, now: unknown, path = ""): readonly PlanChange[] {
  if (isDeepStrictEqual(planned, now)) return [];
  const at = (key: string, isIndex: boolean): string =>
    isIndex ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
  if (isContainer(planned) && isContainer(now) && Array.isArray(planned) === Array.isArray(now)) {
    const before = planned as Readonly<Record<string, unknown>>;
    const after = now as Readonly<Record<string, unknown>>;
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => changesBetween(before[key], after[key], at(key, Array.isArray(planned))));
  }
  return [{ path: path === "" ? "(all)" : path, planned: shown(planned), now: shown(now) }];
}

function isContainer(value: unknown): value is object {
  if (value === null || typeof value !== "object") return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text =
    typeof value === "bigint"
      ? value.toString()
      : value instanceof Date
        ? value.toISOString()
        : encode(value, { what: "It" });
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
