import { expect, it } from "vitest";
import { closestName } from "./closest-name.ts";

it.each([
  ["retires", "retries"],
  ["RETRIES", "retries"],
  ["blok-delay", "block-delay"],
  ["zzz", undefined],
  ["", undefined],
])("%s → %s", (name, expected) => {
  expect(closestName(name, ["retries", "block-delay", "rpc-url"])).toBe(expected);
});
