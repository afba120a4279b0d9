// What /metrics shows: this process, the workloads' states, the market's progress.
import { COMPONENT_STATES, type Component, type MarketProgress, type Status } from "@tidegate/contract";
import type { Metric } from "./prometheus-text.ts";

export interface ProcessFacts {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  readonly uptimeSeconds: number;
}

/** A value that is not known has no sample, rather than a 0 that would be taken for one. */
export function operatorMetrics(status: Status, process: ProcessFacts): readonly Metric[] {
  return [
    ...processMetrics(process),
    gauge("tidegate_status_problems", "Sources of the status that could not be read.", status.problems.length),
    ...workloadMetrics([...status.parts, ...status.services]),
    ...marketMetrics(status.market),
  ];
}

function processMetrics(facts: ProcessFacts): readonly Metric[] {
  const cpu = gauge("process_cpu_seconds_total", "CPU time of the operator.", facts.cpuSeconds);
  return [
    gauge("process_resident_memory_bytes", "Resident memory of the operator.", facts.residentBytes),
    gauge("process_uptime_seconds", "Time since the operator started.", facts.uptimeSeconds),
    { ...cpu, type: "counter" },
  ];
}

function workloadMetrics(components: readonly Component[]): readonly Metric[] {
  const per = (
    name: string,
    help: string,
    value: (one: Component) => number,
    type: Metric["type"] = "gauge",
  ): Metric => ({
    name,
    help,
    type,
    samples: components.map((one) => ({ labels: { name: one.name, kind: one.kind }, value: value(one) })),
  });
  return [
    {
      name: "tidegate_workload_state",
      help: "1 for the state that a part or service is in, 0 for the others.",
      type: "gauge",
      samples: components.flatMap((one) =>
        COMPONENT_STATES.map((state) => ({ labels: { name: one.name, state }, value: one.state === state ? 1 : 0 })),
      ),
    },
    per("tidegate_workload_desired", "Instances wanted.", (one) => one.desiredCount),
    per("tidegate_workload_running", "Instances that run.", (one) => one.runningCount),
    per("tidegate_workload_restarts_total", "Restarts of all instances.", (one) => one.restarts, "counter"),
  ];
}

function marketMetrics(market: MarketProgress): readonly Metric[] {
  const block = (text: string | null): number | null => (text === null ? null : Number(text));
  return [
    gauge("tidegate_market_head_block", "Newest block of the chain.", block(market.head)),
    gauge("tidegate_market_indexed_block", "Last block whose events are stored.", block(market.indexedBlock)),
    gauge("tidegate_market_lag_blocks", "Blocks between the two.", market.lagBlocks),
    gauge("tidegate_market_events_per_second", "Pace of the indexer.", market.eventsPerSecond),
  ];
}

function gauge(name: string, help: string, value: number | null): Metric {
  return { name, help, type: "gauge", samples: value === null ? [] : [{ value }] };
}
