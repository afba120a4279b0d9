// How long does `tidegate up` take, from the command to everything healthy: on an empty home, and on one with data?
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atMost, type Bench } from "../bar.ts";

const launcher = new URL("../../tidegate", import.meta.url).pathname;
const PORT_BASE = "17400";

/** The issue's own bars: 60 s after the downloads, 10 s the second time. */
export const bench: Bench = async ({ isQuick }) => {
  const rounds = isQuick ? 1 : 7;
  const first: number[] = [];
  const second: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const home = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
    chmodSync(home, 0o711);
    try {
      first.push(seconds(["up", "--detach", "--home", home, "--port-base", PORT_BASE]));
      seconds(["down", "--home", home]);
      second.push(seconds(["up", "--detach", "--home", home, "--port-base", PORT_BASE]));
      seconds(["down", "--home", home]);
    } finally {
      spawnSync(launcher, ["down", "--home", home]);
      rmSync(home, { recursive: true, force: true });
    }
  }
  return Promise.resolve([
    atMost("first up, seconds", first, "6 services, empty home", 60),
    atMost("second up, seconds", second, "6 services, a few blocks of data", 10),
  ]);
};

function seconds(args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(launcher, args, { encoding: "utf8", timeout: 300_000 });
  if (status !== 0) throw new Error(`tidegate ${args.join(" ")} ended with ${status}:\n${stderr}`);
  return (performance.now() - start) / 1_000;
}
