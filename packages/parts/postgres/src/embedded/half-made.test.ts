import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { halfMadeName, sweepHalfMade } from "./half-made.ts";

test("sweeps what the dead left and keeps what the living make", async () => {
  const parent = await mkdtemp(join(tmpdir(), "tidegate-half-made-"));
  try {
    const target = join(parent, "cluster");
    const ours = halfMadeName(target);
    const deadPid = spawnSync("true").pid;
    const abandoned = `${target}.half-made-${deadPid}-1`;
    const reused = `${target}.half-made-${process.pid}-1`;
    for (const dir of [ours, abandoned, reused, `${target}-other`])
      await mkdir(join(dir, "inner"), { recursive: true });
    expect([...(await sweepHalfMade(target))].sort()).toEqual([basename(abandoned), basename(reused)].sort());
    expect(existsSync(ours)).toBe(true);
    expect(existsSync(`${target}-other`)).toBe(true);
  } finally {
    await rm(parent, { recursive: true });
  }
});
