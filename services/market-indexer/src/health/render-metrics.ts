// The state as Prometheus text. https://prometheus.io/docs/instrumenting/exposition_formats/
import type { IndexerState } from "./indexer-state.ts";

interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  /** Label set (with braces, or empty) and value. */
  readonly samples: ReadonlyArray<readonly [string, bigint | number]>;
}

/** Metrics without a value yet are left out. */
export function renderMetrics(state: IndexerState, residentBytes: number): string {
  return metricsOf(state, residentBytes)
    .filter(({ samples }) => samples.length > 0)
    .map(renderMetric)
    .join("");
}

function metricsOf(state: IndexerState, residentBytes: number): readonly Metric[] {
  const { progress } = state;
  const one = (value: bigint | number | undefined): Metric["samples"] => (value === undefined ? [] : [["", value]]);
  const byEvent = [...state.eventsByName].map(([name, count]) => [`{event="${name}"}`, count] as const);
  return [
    gauge("indexer_last_block", "Last block whose events are stored", one(progress?.indexedBlock)),
    gauge("indexer_head_block", "Newest block that may be indexed", one(progress?.head)),
    gauge("indexer_lag_blocks", "Head less last block", one(progress?.lagBlocks)),
    gauge("indexer_node_behind_blocks", "Last block less head, where the node is behind", one(behindOf(progress))),
    gauge("indexer_events_per_second", "Events stored in the last ten seconds", one(progress?.eventsPerSecond)),
    gauge("indexer_healthy", "1 unless it starts or tries again", one(state.status === "healthy" ? 1 : 0)),
    counter("indexer_events_total", "Events stored since the start", byEvent),
    counter("indexer_batches_total", "Batches stored since the start", one(state.batches)),
    counter("indexer_retries_total", "Failures that were tried again", one(state.retries)),
    counter("indexer_refused_answers_total", "Contradicting answers that were not stored", one(state.refusedAnswers)),
    counter("indexer_reorgs_total", "Reorganisations undone since the start", one(state.reorgsUndone)),
    counter("indexer_gaps_filled_total", "Batches of missing blocks stored since the start", one(state.gapsFilled)),
    gauge("indexer_dead_letters", "Logs that do not decode", one(state.standing?.deadLetters)),
    gauge("indexer_gaps", "Stretches of blocks that are missing", one(state.standing?.gaps.length)),
    counter("indexer_offchain_requests_total", "Orders taken from the order stream", one(state.offchainRequests)),
    counter("indexer_refused_orders_total", "Orders of the stream that were refused", one(state.refusedOrders)),
    gauge("process_resident_memory_bytes", "Resident memory", one(residentBytes)),
  ];
}

function behindOf(progress: IndexerState["progress"]): bigint | undefined {
  if (progress?.indexedBlock === undefined) return undefined;
  return progress.indexedBlock > progress.head ? progress.indexedBlock - progress.head : 0n;
}

function gauge(name: string, help: string, samples: Metric["samples"]): Metric {
  return { name, type: "gauge", help, samples };
}

function counter(name: string, help: string, samples: Metric["samples"]): Metric {
  return { name, type: "counter", help, samples };
}

function renderMetric({ name, type, help, samples }: Metric): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}
