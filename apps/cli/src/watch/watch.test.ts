import type { StoredEventView } from "@tidegate/contract";
import { expect, it } from "vitest";
import { drawPicture, progressText } from "./draw-picture.ts";
import { duration, parseDuration } from "./duration.ts";
import { createLiveScreen } from "./live-screen.ts";
import { addEvent, newPicture } from "./run-picture.ts";

const START = Date.parse("2026-11-24T10:00:00.000Z");
let seq = 0;
const event = (
  afterMs: number,
  code: string,
  step: string | null,
  data: Record<string, unknown> = {},
): StoredEventView => ({
  seq: String(++seq),
  runId: "rehearse-1",
  at: new Date(START + afterMs).toISOString(),
  code,
  step,
  data,
});
const EVENTS = [
  event(0, "run.created", null, { operation: "rehearse" }),
  event(0, "run.executing", null, { executor: "a", isResumed: false }),
  event(0, "step.started", "write-1", { kind: "step" }),
  event(2_000, "step.succeeded", "write-1", { durationMs: 2_000 }),
  event(2_000, "step.started", "write-2", { kind: "step" }),
  event(3_000, "run.executing", null, { executor: "b", isResumed: true }),
  event(3_000, "step.started", "write-2", { kind: "step" }),
  event(4_000, "step.progress", "write-2", { progress: { done: 1, total: 4, unit: "rows" } }),
];
const draw = (events: readonly StoredEventView[], nowMs: number, rows = 24) =>
  drawPicture(events.reduce(addEvent, newPicture("rehearse-1")), {
    nowMs: START + nowMs,
    columns: 80,
    rows,
    style: (_, text) => text,
  });

it("draws the steps with signs, tries, progress and what is left", () => {
  expect(draw(EVENTS, 5_000)).toEqual([
    "rehearse-1  running, taken over 1 time",
    "  ✓ write-1  2.0 s",
    "  ▸ write-2  2.0 s, try 2  ███░░░░░░░░░ 1/4 rows, 6.0 s left",
  ]);
});

it("says what a wait is for, and what failed", () => {
  const until = "2026-11-24T11:00:00.000Z";
  const waiting = [
    ...EVENTS,
    event(6_000, "wait.started", "go", { kind: "approval", name: "go", until, question: "Go?" }),
  ];
  expect(draw(waiting, 7_000).at(-1)).toBe(`  … go (approval)  1.0 s  for an approval "Go?", until ${until}`);
  const failed = [
    ...EVENTS,
    event(6_000, "step.failed", "write-2", { error: { message: "No." } }),
    event(6_001, "run.failed", null, { error: { message: "No." } }),
  ];
  expect(draw(failed, 9_000)).toEqual([
    "rehearse-1  failed, taken over 1 time",
    "  No.",
    "  ✓ write-1  2.0 s",
    "  ✗ write-2  3.0 s, try 2  No.",
  ]);
});

it("leaves out the oldest steps where there is no room, and cuts long lines", () => {
  const many = Array.from({ length: 30 }, (_, index) =>
    event(index, "step.started", `step-${index}`, { kind: "step" }),
  );
  const lines = draw(many, 100, 10);
  expect(lines).toHaveLength(8);
  expect(lines[1]).toBe("  24 earlier steps ended");
  const long = draw([event(0, "step.started", "x".repeat(200), { kind: "step" })], 1);
  expect(long[1]).toHaveLength(80);
});

it("redraws in place with one write, and not at all when nothing changed", () => {
  const written: string[] = [];
  const screen = createLiveScreen({ write: (text: unknown) => written.push(String(text)) > 0 });
  screen.draw(["a", "b"]);
  screen.draw(["a", "b"]);
  screen.draw(["c"]);
  expect(written).toEqual(["a\u001b[K\nb\u001b[K\n\u001b[J", "\u001b[2Ac\u001b[K\n\u001b[J"]);
});

it("reads and writes durations", () => {
  expect([0, 450, 12_300, 185_000, 7_380_000].map(duration)).toEqual([
    "0.0 s",
    "0.5 s",
    "12 s",
    "3 min 05 s",
    "2 h 03 min",
  ]);
  expect(["250ms", "30s", "5m", "2h", "1d", "45", "x", "-1s"].map(parseDuration)).toEqual([
    250,
    30_000,
    300_000,
    7_200_000,
    86_400_000,
    45_000,
    undefined,
    undefined,
  ]);
  expect(progressText({ done: 5, unit: "rows" }, 1_000)).toBe("5 rows");
});
