// Parts of an observation that may change without making a plan stale, named by paths with `*`.

/** A copy of the value without what the patterns name: `tables.*.rowEstimate`, `*` standing for any key or index. */
export function withoutVolatile(value: unknown, patterns: readonly string[]): unknown {
  return patterns.map((pattern) => pattern.split(".")).reduce(without, value);
}

function without(value: unknown, path: readonly string[]): unknown {
  const [head, ...rest] = path;
  if (head === undefined || value === null || typeof value !== "object") return value;
  const isHit = (key: string): boolean => head === "*" || head === key;
  if (Array.isArray(value)) {
    const items = value as readonly unknown[];
    if (rest.length === 0) return items.filter((_, index) => !isHit(String(index)));
    return items.map((item, index) => (isHit(String(index)) ? without(item, rest) : item));
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (!isHit(key)) return [[key, item]];
      return rest.length === 0 ? [] : [[key, without(item, rest)]];
    }),
  );
}
