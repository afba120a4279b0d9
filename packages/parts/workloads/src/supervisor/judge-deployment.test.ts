// The verdict about a deployment, as a table; and the pauses between restarts.
import { describe, expect, it } from "vitest";
import { judgeDeployment, type DeploymentView } from "./judge-deployment.ts";
import { listeningPorts } from "./taken-port.ts";
import { DEFAULT_TIMING, restartPauseMs } from "./timing.ts";

type SlotOf = DeploymentView["slots"][number];
const slot = (change: Partial<SlotOf> = {}): SlotOf => ({
  index: 0,
  phase: "running",
  isCurrent: true,
  failures: 0,
  reason: undefined,
  ...change,
});

function verdict(change: Partial<DeploymentView>): string {
  const view = { id: "d", release: "r", desiredCount: 1, former: undefined, slots: [], failuresToFailed: 5, ...change };
  return judgeDeployment(view).state;
}

describe("judgeDeployment", () => {
  it.each<[string, Partial<DeploymentView>, string]>([
    ["nothing runs yet", {}, "in-progress"],
    ["nothing is wanted and nothing there", { desiredCount: 0 }, "completed"],
    ["nothing is wanted, one drains", { desiredCount: 0, slots: [slot({ phase: "stopping" })] }, "in-progress"],
    ["it runs", { slots: [slot()] }, "completed"],
    ["the old release runs", { slots: [slot({ isCurrent: false })] }, "in-progress"],
    ["one too many", { slots: [slot(), slot({ index: 1 })] }, "in-progress"],
    ["four failures", { slots: [slot({ phase: "idle", failures: 4 })] }, "in-progress"],
    ["five failures", { slots: [slot({ phase: "idle", failures: 5 })] }, "failed"],
    [
      "five failures of two",
      { desiredCount: 2, slots: [slot({ failures: 2 }), slot({ phase: "idle", failures: 3 })] },
      "failed",
    ],
    ["failures of the old release", { slots: [slot({ phase: "idle", failures: 9, isCurrent: false })] }, "in-progress"],
    [
      "completed before, crashed now",
      { former: { state: "completed" }, slots: [slot({ phase: "idle", failures: 9 })] },
      "completed",
    ],
    ["failed before, being tried", { former: { state: "failed" }, slots: [slot({ phase: "starting" })] }, "failed"],
    ["failed before, runs now", { former: { state: "failed" }, slots: [slot({ failures: 6 })] }, "completed"],
  ])("%s", (_, view, expected) => expect(verdict(view)).toBe(expected));

  it("names the reason of the instance that failed most", () => {
    const slots = [
      slot({ phase: "idle", failures: 2, reason: "it was tired" }),
      slot({ phase: "idle", index: 1, failures: 3, reason: "it was ill" }),
    ];
    const judged = judgeDeployment({
      id: "d",
      release: "r",
      desiredCount: 2,
      former: undefined,
      slots,
      failuresToFailed: 5,
    });
    expect(judged.reason).toBe("its instances failed 5 times in a row, the last time because it was ill");
  });
});

it("pauses 1 s after the first failure, twice as long after each more, 30 s at most", () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 50].map((failures) => restartPauseMs(failures, DEFAULT_TIMING));
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

it("reads listening ports, and only those, from the kernel's table", () => {
  const table = `  sl  local_address rem_address   st tx_queue
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:A001 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1 1 0
`;
  expect([...listeningPorts(table)]).toEqual([8080, 80]);
  expect(listeningPorts("")).toEqual(new Set());
});
