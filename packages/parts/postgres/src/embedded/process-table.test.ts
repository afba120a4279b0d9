import { spawn } from "node:child_process";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { identifyProcess, isRunning, processesIn, workingDirectoryOf } from "./process-table.ts";

test("tells a living process from a dead one, and from a later one with its pid", async () => {
  const child = spawn("cat", { cwd: realpathSync(tmpdir()) });
  await once(child, "spawn");
  const identity = identifyProcess(child.pid ?? 0);
  if (identity === undefined) throw new Error("cat does not run");
  expect(isRunning(identity)).toBe(true);
  expect(isRunning({ ...identity, startTicks: "1" })).toBe(false);
  expect(workingDirectoryOf(identity.pid)).toBe(realpathSync(tmpdir()));
  expect(processesIn(realpathSync(tmpdir()))).toContain(identity.pid);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isRunning(identity)).toBe(false);
  expect(workingDirectoryOf(identity.pid)).toBeUndefined();
});
