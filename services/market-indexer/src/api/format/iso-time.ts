// Unix seconds for people: 2026-11-21T04:05:06Z.

/** 9999-12-31T23:59:59Z, the last second that four digits of a year can name. */
const LAST_SECOND = 253_402_300_799n;

/** `%Y-%m-%dT%H:%M:%SZ`; null for null, and for what that form cannot say: before 1970 or after the year 9999. */
export function isoTime(unixSeconds: bigint | null): string | null {
  if (unixSeconds === null || unixSeconds < 0n || unixSeconds > LAST_SECOND) return null;
  return new Date(Number(unixSeconds) * 1_000).toISOString().replace(".000Z", "Z");
}
