// A share of what there is, within bounds.
import { expect, it } from "vitest";
import { sharedBuffers } from "./shared-buffers.ts";

const GB = 2 ** 30;

it.each([
  [1 * GB, "128MB"],
  [4 * GB, "256MB"],
  [16 * GB, "1024MB"],
  [64 * GB, "1024MB"],
])("of %i bytes is %s", (bytes, expected) => {
  expect(sharedBuffers(bytes)).toBe(expected);
});

it("of this machine is within the bounds", () => {
  const mb = Number(sharedBuffers().replace("MB", ""));
  expect(mb).toBeGreaterThanOrEqual(128);
  expect(mb).toBeLessThanOrEqual(1_024);
});
