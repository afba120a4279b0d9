// What a plan is known by: a digest of all that must be the same for it to hold.
import { createHash } from "node:crypto";
import { encode } from "../journal/codec.ts";
import type { Plan } from "./plan.ts";
import { withoutVolatile } from "./volatile.ts";

/** sha-256 in hex of the value's canonical encoding: keys sorted, bigints and dates exact. */
export function digestOf(value: unknown): string {
  return createHash("sha256")
    .update(encode(canonical(value), { what: "The plan" }))
    .digest("hex");
}

export function planDigest(
  plan: Pick<Plan, "operation" | "version" | "input" | "observation" | "draft">,
  volatile: readonly string[],
): string {
  return digestOf(comparable(plan, volatile));
}

/** What of a plan must be the same when it is applied. */
export function comparable(
  {
    operation,
    version,
    input,
    observation,
    draft,
  }: Pick<Plan, "operation" | "version" | "input" | "observation" | "draft">,
  volatile: readonly string[],
): Readonly<Record<string, unknown>> {
  const { notes: _, ...rest } = draft;
  return { operation, version, input, observation: withoutVolatile(observation, volatile), ...rest };
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, canonical(item)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
