// The rule of the start block, the size of batches, the delay and the end, as a table.
import { expect, it } from "vitest";
import { chooseRange, type RangeOptions } from "./choose-range.ts";

const plain = { batchSize: 9, blockDelay: 0 };

const cases: ReadonlyArray<[string, { head: bigint; previous?: bigint; options: RangeOptions }, string]> = [
  ["begins at the head", { head: 50n, options: plain }, "50-50 at-head"],
  ["begins at the start block", { head: 50n, options: { ...plain, startBlock: 10n } }, "10-19 behind"],
  ["caps the start block to the head", { head: 50n, options: { ...plain, startBlock: 99n } }, "50-50 at-head"],
  ["goes on after what is stored", { head: 50n, previous: 19n, options: { ...plain, startBlock: 3n } }, "20-29 behind"],
  ["ends a batch at the head", { head: 50n, previous: 45n, options: plain }, "46-50 at-head"],
  ["fills a batch up to the head exactly", { head: 50n, previous: 40n, options: plain }, "41-50 at-head"],
  ["has nothing to do at the head", { head: 50n, previous: 50n, options: plain }, "none at-head"],
  ["waits for a node that is behind", { head: 7n, previous: 50n, options: plain }, "none at-head"],
  ["stays behind the head", { head: 50n, previous: 45n, options: { ...plain, blockDelay: 3 } }, "46-47 at-head"],
  ["has no block before the first", { head: 2n, options: { ...plain, blockDelay: 10 } }, "0-0 at-head"],
  ["takes single blocks", { head: 50n, previous: 5n, options: { ...plain, batchSize: 0 } }, "6-6 behind"],
  ["is done with the end block", { head: 50n, previous: 45n, options: { ...plain, endBlock: 48n } }, "46-48 done"],
  [
    "is done at an end block at the head",
    { head: 48n, previous: 45n, options: { ...plain, endBlock: 48n } },
    "46-48 done",
  ],
  ["waits for the end block", { head: 47n, previous: 45n, options: { ...plain, endBlock: 48n } }, "46-47 at-head"],
  ["is done when more is stored", { head: 50n, previous: 49n, options: { ...plain, endBlock: 48n } }, "none done"],
  ["is done before it began", { head: 50n, options: { ...plain, startBlock: 9n, endBlock: 8n } }, "none done"],
];

it.each(cases)("%s", (_title, { head, previous, options }, expected) => {
  const { range, outcome } = chooseRange({ head, previous, options });
  expect(`${range === undefined ? "none" : `${range.from}-${range.to}`} ${outcome}`).toBe(expected);
});
