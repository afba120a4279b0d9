import { describe, expect, it } from "vitest";
import { findDifferences } from "./find-differences.ts";
import type { FleetFacts, WriterSpan } from "./fleet-facts.ts";
import { summariseVersions } from "./summarise-versions.ts";

const event = (id: string, offset: bigint) => ({ id, partition: 0, offset });
const span = (version: string, instance: string, firstAt: bigint, lastAt: bigint): WriterSpan => ({
  service: "ender",
  version,
  instance,
  firstAt,
  lastAt,
  rows: 1,
});

/** Two accepted events, one whose outcome is unknown and that is there, one that is not; two ticks. */
function wellFacts(): FleetFacts {
  return {
    ledger: {
      events: {
        sent: new Set(["a", "b", "c", "d"]),
        accepted: new Map([
          ["a", { partition: 0, offset: 0n }],
          ["b", { partition: 0, offset: 1n }],
        ]),
      },
      ticks: { sent: new Set(["t1", "t2"]), accepted: new Map([["t1", true]]) },
      reads: [{ kind: "read", path: "/", outcome: "cured", tries: 2, outageMs: 5, reason: "status 503", at: "" }],
    },
    database: {
      events: [event("a", 0n), event("b", 1n), event("c", 2n)],
      skipped: [],
      ticks: ["t1", "t2"],
      nextOffsets: new Map([[0, 3n]]),
      writers: [span("v1", "e1", 1n, 5n), span("v2", "e2", 6n, 9n)],
    },
    watermarks: [{ partition: 0, low: 0n, high: 3n }],
  };
}

type Facts = FleetFacts;
const withDatabase = (change: Partial<Facts["database"]>): Facts => {
  const facts = wellFacts();
  return { ...facts, database: { ...facts.database, ...change } };
};
const codes = (facts: Facts): readonly string[] => findDifferences(facts).map((one) => one.code);

describe("findDifferences", () => {
  it("finds nothing where there is nothing: an unknown outcome may be either", () => {
    expect(findDifferences(wellFacts())).toEqual([]);
  });

  it.each<[string, Partial<Facts["database"]>, readonly string[]]>([
    [
      "an accepted event that is gone",
      { events: [event("a", 0n), event("c", 2n)] },
      ["event-missing", "offset-unaccounted"],
    ],
    [
      "an event twice",
      { events: [event("a", 0n), event("b", 1n), event("c", 2n), event("c", 2n)] },
      ["event-twice", "record-twice"],
    ],
    ["a record twice", { skipped: [{ partition: 0, offset: 1n, reason: "duplicate" }] }, ["record-twice"]],
    ["another place", { events: [event("a", 1n), event("b", 0n), event("c", 2n)] }, ["event-misplaced"]],
    ["an event of nobody", { events: [event("a", 0n), event("b", 1n), event("x", 2n)] }, ["event-unknown"]],
    ["an unread end", { nextOffsets: new Map([[0, 2n]]) }, ["offset-not-consumed"]],
    ["a partition never read", { nextOffsets: new Map(), events: [] }, ["event-missing", "offset-not-consumed"]],
    [
      "an unreadable record",
      { events: [event("a", 0n), event("b", 1n)], skipped: [{ partition: 0, offset: 2n, reason: "unreadable" }] },
      ["record-unreadable"],
    ],
    ["a committed tick that is gone", { ticks: ["t2"] }, ["tick-missing"]],
    ["a tick twice", { ticks: ["t1", "t2", "t2"] }, ["tick-twice"]],
    ["a tick of nobody", { ticks: ["t1", "x"] }, ["tick-unknown"]],
    [
      "two versions at once",
      { writers: [span("v1", "e1", 1n, 6n), span("v2", "e2", 6n, 9n)] },
      ["two-versions-at-once"],
    ],
    ["one version at once", { writers: [span("v1", "e1", 1n, 6n), span("v1", "e2", 2n, 9n)] }, []],
    ["a rollback", { writers: [span("v1", "e1", 1n, 2n), span("v2", "e2", 3n, 4n), span("v1", "e3", 5n, 6n)] }, []],
  ])("finds: %s", (_, change, expected) => {
    expect(codes(withDatabase(change))).toEqual(expected);
  });

  it("takes a repeated id for accounted where the broker acknowledged it twice", () => {
    const facts = withDatabase({
      events: [event("a", 0n), event("b", 2n)],
      skipped: [{ partition: 0, offset: 1n, reason: "duplicate" }],
    });
    expect(codes(facts)).toEqual([]);
  });

  it("finds that Kafka itself lost what it had acknowledged, and what no retry cured", () => {
    const facts = wellFacts();
    expect(codes({ ...facts, watermarks: [{ partition: 0, low: 0n, high: 1n }] })).toEqual(["beyond-kafka"]);
    const reads = [{ ...facts.ledger.reads[0], outcome: "failed" }] as Facts["ledger"]["reads"];
    expect(codes({ ...facts, ledger: { ...facts.ledger, reads } })).toEqual(["request-failed"]);
  });
});

describe("summariseVersions", () => {
  it("gives the stretches of each version and the pauses between them", () => {
    const spans = [
      span("v2", "e3", 30n, 40n),
      span("v1", "e1", 1n, 20n),
      span("v1", "e2", 5n, 10n),
      span("v1", "e4", 35n, 50n),
    ];
    expect(summariseVersions(spans)).toEqual([
      { version: "v1", firstAt: 1n, lastAt: 20n, rows: 2, pauseBeforeUs: null },
      { version: "v2", firstAt: 30n, lastAt: 40n, rows: 1, pauseBeforeUs: 10n },
      { version: "v1", firstAt: 35n, lastAt: 50n, rows: 1, pauseBeforeUs: -5n },
    ]);
  });
});
