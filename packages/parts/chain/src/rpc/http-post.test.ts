import { expect, it } from "vitest";
import { parseRetryAfter } from "./http-post.ts";

const now = Date.parse("2026-11-21T10:00:00Z");

it.each<[string | string[] | undefined, number | undefined]>([
  [undefined, undefined],
  ["0", 0],
  ["7", 7_000],
  [["3", "9"], 3_000],
  ["Sat, 21 Nov 2026 10:00:30 GMT", 30_000],
  ["Sat, 21 Nov 2026 09:00:00 GMT", 0],
  ["soon", undefined],
])("Retry-After %j is a wait of %j ms", (header, ms) => {
  expect(parseRetryAfter(header, now)).toBe(ms);
});
