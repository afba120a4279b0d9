// Two descriptions of what instances are started from, leaf by leaf.
import { createHash } from "node:crypto";
import type { RevisionChange } from "../port.ts";

/**
 * What differs, sorted by path. Lists whose items have a `name` (or a `key`) of their own are compared by it, others by position; an empty
 * list or object counts as nothing. Leaves whose path `isSecret` are shown as digests.
 */
export function changesBetween(
  before: unknown,
  after: unknown,
  isSecret: (path: string) => boolean,
): readonly RevisionChange[] {
  const old = leavesOf(before);
  const young = leavesOf(after);
  const paths = [...new Set([...old.keys(), ...young.keys()])].filter((path) => old.get(path) !== young.get(path));
  const shown = (text: string | undefined, path: string): string | null =>
    text === undefined ? null : isSecret(path) ? JSON.stringify(`sha256:${digestOf(text)}`) : text;
  return paths
    .sort()
    .map((path) => ({ path, before: shown(old.get(path), path), after: shown(young.get(path), path) }));
}

/** That nothing differs. */
export function isSame(one: unknown, other: unknown): boolean {
  return changesBetween(one, other, () => false).length === 0;
}

/** Enough to see that a value changed, and too little to have it. */
function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

function leavesOf(value: unknown, path = "", leaves = new Map<string, string>()): Map<string, string> {
  if (value === undefined || value === null) return leaves;
  if (Array.isArray(value)) {
    const names = value.map(nameOf);
    const isNamed = names.every((name) => name !== undefined) && new Set(names).size === names.length;
    for (const [index, item] of value.entries())
      leavesOf(item, `${path}[${isNamed ? (names[index] ?? index) : index}]`, leaves);
  } else if (typeof value === "object" && !(value instanceof Date)) {
    for (const [key, item] of Object.entries(value)) leavesOf(item, path === "" ? key : `${path}.${key}`, leaves);
  } else leaves.set(path, JSON.stringify(value));
  return leaves;
}

function nameOf(item: unknown): string | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const { name, key } = item as { name?: unknown; key?: unknown };
  if (typeof name === "string") return name;
  return typeof key === "string" ? key : undefined;
}
