// The installation at a glance: workloads, the market's progress, and what could not be read.
import type { Component, Status } from "@tidegate/contract";
import type { Clock } from "@tidegate/kernel";
import type { Queryable } from "@tidegate/postgres";
import type { Workloads } from "@tidegate/workloads";
import { component } from "./component.ts";
import { contractError } from "./contract-error.ts";
import { indexerReport } from "./indexer-report.ts";
import { marketProgress } from "./market-progress.ts";
import { storedProgress } from "./stored-progress.ts";
import { withinLimit } from "./within-limit.ts";

export interface StatusDeps {
  readonly workloads: Workloads;
  readonly pool: Queryable;
  /** Default: `/health` at the address of the workload `market-indexer`. */
  readonly indexerHealthUrl?: string | undefined;
  /** How long each source may take. Default 2,000. */
  readonly limitMs?: number;
  readonly clock: Clock;
  readonly operator: Status["operator"];
}

export interface StatusReading {
  readonly status: Status;
  /** The errors behind `status.problems`, with their causes, for the log. */
  readonly errors: readonly unknown[];
}

const INDEXER = "market-indexer";

/** Reads all sources; one that fails becomes a problem in the status, never an error of the whole. */
export async function readStatus(deps: StatusDeps): Promise<StatusReading> {
  const limitMs = deps.limitMs ?? 2_000;
  const errors: unknown[] = [];
  const attempt = async <T>(read: Promise<T>): Promise<T | undefined> =>
    read.catch((error: unknown) => {
      errors.push(error);
      return undefined;
    });

  const stored = attempt(withinLimit("The database's answer", storedProgress(deps.pool), limitMs));
  const components =
    (await attempt(withinLimit("Reading the workloads", readComponents(deps.workloads), limitMs))) ?? [];
  const url = deps.indexerHealthUrl ?? healthUrlOf(components);
  const report = url === undefined ? undefined : await attempt(indexerReport(url, limitMs));

  const status: Status = {
    at: deps.clock.now().toISOString(),
    operator: deps.operator,
    parts: components.filter((one) => one.kind === "part"),
    services: components.filter((one) => one.kind === "service"),
    market: marketProgress(await stored, report),
    problems: errors.map(contractError),
  };
  return { status, errors };
}

async function readComponents(workloads: Workloads): Promise<readonly Component[]> {
  const names = await workloads.list();
  return Promise.all(names.map(async (name) => component(await workloads.describe(name))));
}

function healthUrlOf(components: readonly Component[]): string | undefined {
  const address = components.find((one) => one.name === INDEXER)?.address;
  return address === undefined || address === null ? undefined : `http://${address}/health`;
}
