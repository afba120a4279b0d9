// Values of the engine as the contract's JSON: dates as ISO text, bigints as decimal text, what is undefined left out.

export function plainJson(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Map) return [...value].map(([key, item]) => [plainJson(key), plainJson(item)]);
  if (value instanceof Set) return [...value].map(plainJson);
  if (Array.isArray(value)) return value.map((item) => plainJson(item) ?? null);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, plainJson(item)]])),
  );
}
