// The metrics as Prometheus reads them.
import type { Component, Status } from "@tidegate/contract";
import { expect, it } from "vitest";
import { operatorMetrics } from "./operator-metrics.ts";
import { prometheusText } from "./prometheus-text.ts";

it("writes the text format, with escapes, and leaves out what has no sample", () => {
  const text = prometheusText([
    { name: "a", help: "Two\nlines \\ here", type: "gauge", samples: [{ value: 1.5 }] },
    { name: "b", help: "None.", type: "gauge", samples: [] },
    { name: "c_total", help: "Labels.", type: "counter", samples: [{ labels: { x: 'a"b\\c\nd', y: "" }, value: 0 }] },
  ]);
  expect(text).toBe(
    [
      "# HELP a Two\\nlines \\\\ here",
      "# TYPE a gauge",
      "a 1.5",
      "# HELP c_total Labels.",
      "# TYPE c_total counter",
      'c_total{x="a\\"b\\\\c\\nd",y=""} 0',
      "",
    ].join("\n"),
  );
});

const indexer: Component = {
  name: "market-indexer",
  kind: "service",
  state: "restarting",
  address: null,
  pid: null,
  release: "dev",
  desiredCount: 2,
  runningCount: 1,
  restarts: 3,
  detail: "It ended with code 1.",
  instances: [],
};
const status: Status = {
  at: "2026-11-21T04:05:06.789Z",
  operator: { version: "0.1.0", pid: 1, startedAt: "2026-11-21T04:00:00.000Z" },
  parts: [],
  services: [indexer],
  market: {
    chainId: "1",
    head: "50",
    indexedBlock: "40",
    indexedAt: null,
    lagBlocks: 10,
    eventsPerSecond: null,
    detail: null,
  },
  problems: [],
};

it("shows the process, each workload's state and counts, and the progress that is known", () => {
  const text = prometheusText(operatorMetrics(status, { residentBytes: 1_000, cpuSeconds: 0.25, uptimeSeconds: 9 }));
  const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(samples).toEqual([
    "process_resident_memory_bytes 1000",
    "process_uptime_seconds 9",
    "process_cpu_seconds_total 0.25",
    "tidegate_status_problems 0",
    ...["running", "starting", "unhealthy"].map(
      (one) => `tidegate_workload_state{name="market-indexer",state="${one}"} 0`,
    ),
    'tidegate_workload_state{name="market-indexer",state="restarting"} 1',
    ...["failed", "stopping", "stopped", "off"].map(
      (one) => `tidegate_workload_state{name="market-indexer",state="${one}"} 0`,
    ),
    'tidegate_workload_desired{name="market-indexer",kind="service"} 2',
    'tidegate_workload_running{name="market-indexer",kind="service"} 1',
    'tidegate_workload_restarts_total{name="market-indexer",kind="service"} 3',
    "tidegate_market_head_block 50",
    "tidegate_market_indexed_block 40",
    "tidegate_market_lag_blocks 10",
  ]);
  expect(text).toContain("# TYPE process_cpu_seconds_total counter\n");
});
