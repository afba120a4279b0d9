// State and metrics follow the events.
import { describe, expect, it } from "vitest";
import { createIndexerState } from "./indexer-state.ts";
import { renderMetrics } from "./render-metrics.ts";

const progress = {
  code: "indexer.progress",
  head: 90n,
  indexedBlock: 80n,
  lagBlocks: 10n,
  events: 5,
  eventsPerSecond: 0.5,
} as const;

describe("createIndexerState", () => {
  it("is starting, then healthy, and retrying while a try failed", () => {
    const state = createIndexerState();
    expect(state.current().status).toBe("starting");
    state.apply({ code: "indexer.started", chainId: 1n, indexedBlock: undefined });
    expect(state.current().status).toBe("healthy");
    state.apply({ code: "indexer.retrying", failures: 1, retries: 10, waitMs: 5, error: new Error("no route") });
    expect(state.current()).toMatchObject({ status: "retrying", retries: 1, lastError: "no route" });
    state.apply(progress);
    expect(state.current()).toMatchObject({ status: "healthy", lastError: undefined });
  });
});

describe("renderMetrics", () => {
  it("shows counters from zero and gauges once they are known", () => {
    const state = createIndexerState();
    const before = renderMetrics(state.current(), 1024);
    expect(before).toContain('indexer_events_total{event="Deposit"} 0\n');
    expect(before).not.toContain("indexer_last_block");
    state.apply(progress);
    const stored = new Map([["Deposit", 3]] as const);
    state.apply({
      code: "indexer.batch-stored",
      range: { from: 1n, to: 2n },
      events: stored,
      offchainRequests: 1,
      deadLetters: 0,
    });
    state.apply({
      code: "indexer.batch-stored",
      range: { from: 3n, to: 4n },
      events: stored,
      offchainRequests: 0,
      deadLetters: 0,
    });
    state.apply({ code: "order-stream.order-refused", order: "1", reason: "lie" });
    const after = renderMetrics(state.current(), 1024);
    expect(after).toContain("# TYPE indexer_last_block gauge\nindexer_last_block 80\n");
    expect(after).toContain('indexer_events_total{event="Deposit"} 6\n');
    expect(after).toContain("indexer_batches_total 2\n");
    expect(after).toContain("indexer_offchain_requests_total 1\n");
    expect(after).toContain("indexer_refused_orders_total 1\n");
    expect(
      after.split("\n").filter((line) => line !== "" && !/^(# (HELP|TYPE) |[a-z_]+(\{[^}]*\})? [\d.]+$)/.test(line)),
    ).toEqual([]);
  });
});
