// What a process took: the greatest resident set as the kernel counts it, and CPU time, read until it ends.
import { readFileSync } from "node:fs";

export interface ProcessCost {
  /** MiB. */
  readonly peakMb: number;
  readonly cpuSeconds: number;
}

const EVERY_MS = 50;
const TICKS_PER_SECOND = 100;

/** Reads until `stop`; the kernel keeps the peak, so only growth in the last moments can be missed. */
export function watchProcess(pid: number): { stop(): ProcessCost } {
  let cost: ProcessCost = { peakMb: 0, cpuSeconds: 0 };
  const look = (): void => {
    try {
      const [, peak] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (peak === undefined) return;
      cost = { peakMb: Number(peak) / 1_024, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    stop: () => {
      look();
      clearInterval(timer);
      return cost;
    },
  };
}
