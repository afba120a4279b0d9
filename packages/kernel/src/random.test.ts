import { expect, it } from "vitest";
import { seededRandom } from "./random.ts";

it("repeats itself for a seed and differs between seeds", () => {
  const run = (seed: number) =>
    Array.from(
      { length: 5 },
      (
        (random) => () =>
          random.integer(0, 1e9)
      )(seededRandom(seed)),
    );
  expect(run(1)).toEqual(run(1));
  expect(run(1)).not.toEqual(run(2));
});

it("is roughly uniform and stays within bounds", () => {
  const random = seededRandom(7);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 4_000; i++) counts[random.integer(0, 3)]! += 1;
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  expect(() => random.pick([])).toThrow(RangeError);
  expect(random.bytes(32)).toHaveLength(32);
});
