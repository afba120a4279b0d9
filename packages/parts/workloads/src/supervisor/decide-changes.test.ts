// The supervisor's decisions as a table, and one property over many random services.
import { seededRandom } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import { decideChanges, type ServiceView, type SlotView } from "./decide-changes.ts";
import type { Phase } from "./slot.ts";

/** "r" running, "s" starting, "x" stopping, "i" idle and due, "b" idle and backing off; a capital is of another release. */
function slots(text: string): SlotView[] {
  const phases: Record<string, Phase> = { r: "running", s: "starting", x: "stopping", i: "idle", b: "idle" };
  return text.split("").flatMap((letter, index) => {
    const phase = phases[letter.toLowerCase()];
    return phase === undefined
      ? []
      : [{ index, phase, isCurrent: letter === letter.toLowerCase(), isDue: letter.toLowerCase() !== "b" }];
  });
}

function decide(desiredCount: number, text: string, change: Partial<ServiceView> = {}): string {
  return decideChanges({ desiredCount, slots: slots(text), mode: "run", mayStart: true, ...change })
    .map((one) => `${one.kind} ${one.index}`)
    .join(", ");
}

describe("decideChanges", () => {
  it.each([
    ["nothing is there", 2, "", "start 0, start 1"],
    ["all is well", 2, "rr", ""],
    ["one is missing", 2, "ri", "start 1"],
    ["one backs off", 2, "rb", ""],
    ["one is being stopped", 1, "x", ""],
    ["too many", 1, "rrs", "stop 1, stop 2"],
    ["too many, one idle, one on its way", 0, "bxr", "drop 0, stop 2"],
    ["a new release: the first goes", 3, "RRR", "stop 0"],
    ["its place is empty", 3, "IRR", "start 0"],
    ["the new one is not healthy yet", 3, "sRR", ""],
    ["the new one is healthy: the next goes", 3, "rRR", "stop 1"],
    ["the old one still drains", 3, "rXR", ""],
    ["the new one crashed and waits", 3, "bRR", ""],
    ["the new one crashed and is due", 3, "iRR", "start 0"],
    ["an old one crashed in the middle: it is the next, once the first is well", 3, "sRI", ""],
    ["an old one crashed in the middle, the first is well", 3, "rRI", "start 2"],
    ["nothing of the old release lives: all at once, whatever its pauses", 3, "BBB", "start 0, start 1, start 2"],
    ["scaled down and rolled", 1, "RR", "stop 1, stop 0"],
    ["scaled up and rolled: the missing one first", 2, "R", "start 1"],
  ])("%s", (_, desiredCount, text, expected) => expect(decide(desiredCount, text)).toBe(expected));

  it("starts and replaces nothing before its time", () => {
    expect(decide(2, "ri", { mayStart: false })).toBe("");
    expect(decide(2, "RR", { mayStart: false })).toBe("");
    expect(decide(1, "rr", { mayStart: false })).toBe("stop 1");
  });

  it("holds, or drains everything, in a stop", () => {
    expect(decide(2, "ri", { mode: "hold" })).toBe("");
    expect(decide(3, "rbx", { mode: "drain" })).toBe("stop 0, drop 1");
  });

  it("while it rolls never touches more than one wanted instance, and never starts one that lives", () => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
    const random = seededRandom(seed);
    for (let round = 0; round < 2_000; round++) {
      const text = Array.from({ length: random.integer(0, 6) }, () => random.pick("rsxibRSXIB".split(""))).join("");
      const desiredCount = random.integer(0, 6);
      const view: ServiceView = { desiredCount, slots: slots(text), mode: "run", mayStart: true };
      const about = `seed ${seed}: ${desiredCount} of ${text}`;
      const changes = decideChanges(view);
      const isRolling = view.slots.some((one) => one.index < desiredCount && one.phase !== "idle" && !one.isCurrent);
      if (isRolling) expect(changes.filter((one) => one.index < desiredCount).length, about).toBeLessThanOrEqual(1);
      for (const change of changes) {
        const phase = view.slots.find((one) => one.index === change.index)?.phase ?? "idle";
        expect(change.kind === "stop" ? ["running", "starting"] : ["idle"], about).toContain(phase);
      }
      expect(new Set(changes.map((one) => one.index)).size, about).toBe(changes.length);
    }
  });
});
