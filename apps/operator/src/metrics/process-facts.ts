// What this process costs.
import type { ProcessFacts } from "./operator-metrics.ts";

export function processFacts(): ProcessFacts {
  const { user, system } = process.cpuUsage();
  return {
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1_000_000,
    uptimeSeconds: process.uptime(),
  };
}
