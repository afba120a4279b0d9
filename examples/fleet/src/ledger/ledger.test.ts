import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LedgerBroken } from "../errors.ts";
import { openLedger } from "./ledger.ts";
import { readLedger } from "./read-ledger.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tidegate-ledger-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

it("gives back what several processes wrote, without a line that was torn by a kill", async () => {
  const at = "2026-01-01T00:00:00.000Z";
  const traffic = await openLedger(dir, "traffic");
  await traffic.flush([
    { kind: "sent", what: "event", id: "a", at },
    { kind: "sent", what: "event", id: "b", at },
  ]);
  await traffic.flush([{ kind: "accepted", what: "event", id: "a", at, partition: 2, offset: "9007199254740993" }]);
  await traffic.close();
  appendFileSync(traffic.path, '{"kind":"accepted","what":"event","id":"b"');
  const roundtable = await openLedger(dir, "roundtable");
  await roundtable.flush([{ kind: "sent", what: "tick", id: "t", at }]);
  await roundtable.flush([{ kind: "accepted", what: "tick", id: "t", at }]);
  await roundtable.close();
  expect(readLedger(dir)).toEqual({
    events: { sent: new Set(["a", "b"]), accepted: new Map([["a", { partition: 2, offset: 9_007_199_254_740_993n }]]) },
    ticks: { sent: new Set(["t"]), accepted: new Map([["t", true]]) },
    reads: [],
  });
});

it.each(["{", '{"kind":"other"}', '{"kind":"accepted","what":"event","id":"a","at":""}'])(
  "refuses the line %s",
  (line) => {
    writeFileSync(join(dir, "traffic-1.jsonl"), `${line}\n`);
    expect(() => readLedger(dir)).toThrow(LedgerBroken);
  },
);
