import { expect, it } from "vitest";
import type { Schedule } from "./schedule.ts";
import { checkSchedule, dueTicks, nextTick } from "./ticks.ts";

const hourly: Schedule = {
  name: "hourly",
  operation: "x",
  input: {},
  cron: "0 * * * *",
  timeZone: "UTC",
  missed: "skip",
  lockWaitMs: 0,
};
const at = (text: string): Date => new Date(`2026-11-24T${text}Z`);
const texts = (dates: readonly Date[]): readonly string[] => dates.map((date) => date.toISOString().slice(11, 19));

it("fires at the tick, once", () => {
  expect(dueTicks(hourly, at("09:59:30.000"), at("10:00:00.500"))).toEqual({
    run: [at("10:00:00.000")],
    skipped: 0,
    hasOlder: false,
  });
  expect(dueTicks(hourly, at("10:00:00.000"), at("10:00:01.000"))).toEqual({
    run: [],
    skipped: 0,
    hasOlder: false,
  });
});

it.each([
  ["skip", [], 3],
  ["latest", ["12:00:00"], 2],
  ["all", ["10:00:00", "11:00:00", "12:00:00"], 0],
] as const)("with %s, does of three missed ticks %j", (missed, run, skipped) => {
  const due = dueTicks({ ...hourly, missed }, at("09:30:00.000"), at("12:30:00.000"));
  expect({ run: texts(due.run), skipped: due.skipped }).toEqual({ run, skipped });
});

it("with skip and latest, fires a fresh tick and passes over the missed ones before it", () => {
  for (const missed of ["skip", "latest"] as const) {
    const due = dueTicks({ ...hourly, missed }, at("09:30:00.000"), at("12:00:10.000"));
    expect({ run: texts(due.run), skipped: due.skipped }).toEqual({ run: ["12:00:00"], skipped: 2 });
  }
});

it("catches up at most 1,000, the newest", () => {
  const due = dueTicks({ ...hourly, cron: "* * * * * *", missed: "all" }, at("09:00:00.000"), at("09:30:00.000"));
  expect(due.run).toHaveLength(1_000);
  expect(due.run.at(-1)).toEqual(at("09:30:00.000"));
  expect(due).toMatchObject({ skipped: 0, hasOlder: true });
});

it.each(["skip", "latest", "all"] as const)("with %s, passes over years of ticks in a moment", (missed) => {
  const now = at("12:00:00.000");
  const due = dueTicks({ ...hourly, cron: "* * * * * *", missed }, new Date("2016-01-01T00:00:00Z"), now);
  expect(due.run.at(-1)).toEqual(now);
  expect(due.run.length + due.skipped).toBe(1_000);
  expect(due.hasOlder).toBe(true);
});

it("finds the newest ticks of a sparse rhythm, and of one that never fires", () => {
  const yearly = { ...hourly, cron: "0 0 29 2 *", missed: "all" } as const;
  const due = dueTicks(yearly, new Date("2015-01-01T00:00:00Z"), at("12:00:00.000"));
  expect(due.run.map((tick) => tick.toISOString().slice(0, 10))).toEqual(["2016-02-29", "2020-02-29", "2024-02-29"]);
  expect(dueTicks({ ...yearly, cron: "0 0 31 2 *" }, new Date("2015-01-01T00:00:00Z"), at("12:00:00.000"))).toEqual({
    run: [],
    skipped: 0,
    hasOlder: false,
  });
});

it("follows the clocks of its zone over the changes of summer time", () => {
  const athens = { cron: "30 3 * * *", timeZone: "Europe/Athens" };
  // 29 March 2026: 03:00 becomes 04:00, there is no 03:30; it fires when the clocks have jumped.
  const spring = nextTick(athens, new Date("2026-03-28T12:00:00Z"));
  expect(spring?.toISOString()).toBe("2026-03-29T01:00:00.000Z");
  // 25 October 2026: 03:30 comes twice; it fires once.
  const autumn = nextTick(athens, new Date("2026-10-24T12:00:00Z"));
  expect(autumn?.toISOString()).toBe("2026-10-25T00:30:00.000Z");
  expect(nextTick(athens, autumn ?? new Date())?.toISOString()).toBe("2026-10-26T01:30:00.000Z");
});

it.each([
  [{ name: "Hourly" }, 'name = "Hourly"'],
  [{ cron: "61 * * * *" }, 'cron = "61 * * * *"'],
  [{ cron: "every day" }, 'cron = "every day"'],
  [{ timeZone: "Mars/Olympus" }, 'timeZone = "Mars/Olympus"'],
  [{ missed: "some" as "skip" }, 'missed = "some"'],
  [{ lockWaitMs: -1 }, "lockWaitMs = -1"],
])("refuses %j and says which field", (change, said) => {
  expect(() => checkSchedule({ ...hourly, ...change })).toThrow(said);
});
