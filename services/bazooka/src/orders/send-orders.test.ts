import { expect, it } from "vitest";
import { batches } from "./send-orders.ts";

const records = (...sizes: number[]) => sizes.map((size) => ({ key: Buffer.alloc(32), value: Buffer.alloc(size) }));
const sizesOf = (given: ReturnType<typeof records>, limit: number) =>
  [...batches(given, limit)].map((batch) => batch.map((one) => one.value.length));

it("fills batches up to the limit of keys and values, in order", () => {
  expect(sizesOf(records(68, 68, 68, 68, 68), 200)).toEqual([[68, 68], [68, 68], [68]]);
});

it("sends a record that is larger than the limit alone", () => {
  expect(sizesOf(records(10, 500, 10, 10), 100)).toEqual([[10], [500], [10, 10]]);
});

it("makes no batch of nothing", () => expect(sizesOf([], 100)).toEqual([]));
