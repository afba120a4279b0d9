// The contract as its readers meet it: what is promised parses, what is not is refused.
import { describe, expect, it } from "vitest";
import { componentSchema, errorBodySchema, statusSchema, type Component, type Status } from "./index.ts";

const postgres: Component = {
  name: "postgres",
  kind: "part",
  state: "running",
  address: "127.0.0.1:5432",
  pid: 4711,
  release: "dev",
  desiredCount: 1,
  runningCount: 1,
  restarts: 0,
  detail: null,
  instances: [{ index: 0, state: "running", health: "healthy", pid: 4711, address: "127.0.0.1:5432", restarts: 0 }],
};

const status: Status = {
  at: "2026-11-21T04:05:06.789Z",
  operator: { version: "0.1.0", pid: 4712, startedAt: "2026-11-21T04:00:00.000Z" },
  parts: [postgres],
  services: [],
  market: {
    chainId: "31337",
    head: "18446744073709551616",
    indexedBlock: "41",
    indexedAt: "2026-11-21T04:05:06Z",
    lagBlocks: 1,
    eventsPerSecond: 0.5,
    detail: null,
  },
  problems: [{ code: "postgres.unreachable", message: "It is away.", remedy: "Start it." }],
};

describe("contract", () => {
  it("keeps a status through JSON, block numbers beyond 2^53 included", () => {
    expect(statusSchema.parse(JSON.parse(JSON.stringify(status)))).toEqual(status);
  });

  it.each([
    ["a state that does not exist", { ...postgres, state: "fine" }],
    ["an unknown field", { ...postgres, cpu: 1 }],
    ["a missing field", Object.fromEntries(Object.entries(postgres).filter(([key]) => key !== "detail"))],
    ["a pid of 0", { ...postgres, pid: 0 }],
    ["a negative count", { ...postgres, restarts: -1 }],
  ])("refuses a component with %s", (_, component) => {
    expect(componentSchema.safeParse(component).success).toBe(false);
  });

  it("refuses block numbers that are JSON numbers", () => {
    const market = { ...status.market, head: 42 };
    expect(statusSchema.safeParse({ ...status, market }).success).toBe(false);
  });

  it("refuses an error without remedy", () => {
    expect(errorBodySchema.safeParse({ error: { code: "a.b", message: "It failed." } }).success).toBe(false);
  });
});
