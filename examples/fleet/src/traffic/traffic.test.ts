import { seededRandom } from "@tidegate/kernel";
import { expect, it } from "vitest";
import { readMessage } from "../ender/read-message.ts";
import { dueMessages, makeMessage } from "./make-messages.ts";
import { acceptedLines } from "./send-messages.ts";

it("makes messages that Ender can read, the same from the same seed", () => {
  const make = (): unknown[] => {
    const random = seededRandom(7);
    return Array.from({ length: 200 }, (_, n) => makeMessage(random, String(n), new Date(0)));
  };
  const messages = make();
  expect(make()).toEqual(messages);
  expect(messages.map((one) => readMessage(Buffer.from(JSON.stringify(one))))).toEqual(messages);
  expect(new Set(messages.map((one) => (one as { kind: string }).kind))).toEqual(new Set(["order", "trade"]));
});

it.each([
  null,
  "",
  "{",
  "[]",
  '{"id":"a"}',
  '{"id":"a","kind":"gift","pair":"A-B","amount":"1","sentAt":"2026-01-01T00:00:00Z"}',
])("does not take %s for a message", (text) => {
  expect(readMessage(text === null ? null : Buffer.from(text))).toBeUndefined();
});

it("knows how many messages are due, and makes up for at most a second", () => {
  expect(dueMessages({ rate: 50, elapsedMs: 1_000, sent: 0 })).toBe(50);
  expect(dueMessages({ rate: 50, elapsedMs: 1_010, sent: 50 })).toBe(0);
  expect(dueMessages({ rate: 50, elapsedMs: 1_020, sent: 50 })).toBe(1);
  expect(dueMessages({ rate: 50, elapsedMs: 60_000, sent: 50 })).toBe(50);
});

it("derives each message's place from the first offset of its partition", () => {
  const placed = ["a", "b", "c", "d", "e"].map((id, index) => ({ message: { id }, partition: index % 2 }));
  const firsts = new Map([["t/0", 10n]]);
  const lines = acceptedLines(placed, firsts, { topic: "t", partitions: 2, at: "now" });
  // Partition 1 was not acknowledged by name: nothing is claimed about it.
  expect(lines.map(({ id, partition, offset }) => [id, partition, offset])).toEqual([
    ["a", 0, "10"],
    ["c", 0, "11"],
    ["e", 0, "12"],
  ]);
});
