// A workload's one word, as a table.
import { expect, it } from "vitest";
import type { InstanceStatus, WorkloadStatus } from "./port.ts";
import { summariseWorkload } from "./summarise-workload.ts";

const instance = (change: Partial<InstanceStatus> = {}): InstanceStatus => ({
  id: "i",
  index: 0,
  release: "v1",
  state: "running",
  health: "healthy",
  restarts: 1,
  pid: 42,
  ...change,
});

function workload(change: Partial<WorkloadStatus> = {}): WorkloadStatus {
  const counts = { desiredCount: 1, runningCount: 1, pendingCount: 0 };
  return {
    service: "api",
    release: "v1",
    revision: { id: "v1#1", release: "v1", image: null },
    ...counts,
    tags: {},
    deployments: [{ id: "d", release: "v1", revision: "v1#1", state: "completed", ...counts }],
    instances: [instance()],
    controller: { alive: true, detail: "supervisor, process 7" },
    ...change,
  };
}

const failed = {
  id: "d",
  release: "v1",
  revision: "v1#1",
  state: "failed" as const,
  reason: "it was ill",
  desiredCount: 1,
  runningCount: 0,
  pendingCount: 1,
};

it.each<[string, WorkloadStatus, string | null]>([
  ["running", workload(), null],
  ["starting", workload({ runningCount: 0, pendingCount: 1, instances: [instance({ state: "starting" })] }), null],
  ["unhealthy", workload({ instances: [instance({ health: "unhealthy" })] }), null],
  [
    "restarting",
    workload({ runningCount: 0, instances: [instance({ state: "backing-off", reason: "it ended" })] }),
    "it ended",
  ],
  ["failed", workload({ runningCount: 0, deployments: [failed] }), "it was ill"],
  ["running", workload({ instances: [], notes: ["not seen"] }), null],
  ["starting", workload({ instances: [] }), null],
  ["stopping", workload({ desiredCount: 0 }), null],
  ["stopped", workload({ desiredCount: 0, runningCount: 0, instances: [] }), null],
  ["stopped", workload({ runningCount: 0, instances: [], controller: { alive: false, detail: "nobody" } }), "nobody"],
  ["running", workload({ controller: { alive: false, detail: "nobody" } }), "nobody"],
])("%s", (state, status, detail) => expect(summariseWorkload(status)).toMatchObject({ name: "api", state, detail }));

it("adds restarts up and takes address and pid from the first instance that has them", () => {
  const { pid: _, ...waiting } = instance({ state: "waiting", restarts: 2 });
  const summary = summariseWorkload(
    workload({ instances: [waiting, instance({ index: 1, address: "127.0.0.1:80" })] }),
  );
  expect(summary).toMatchObject({ pid: 42, address: "127.0.0.1:80", restarts: 3 });
  expect(summary.instances[0]).toMatchObject({ pid: null, address: null });
});
