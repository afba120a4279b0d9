// The processes adapter's client: any process may hold one; the supervisor carries out what it records.
import { systemClock, type Clock } from "@tidegate/kernel";
import type { UpdateReceipt, Workloads } from "../port.ts";
import { describeService, describeServices } from "./describe-service.ts";
import { draftRevision, registerRevision } from "./draft-revision.ts";
import { listServices } from "./list-services.ts";
import { ensureService, updateService } from "./update-service.ts";

export interface ProcessWorkloadsOptions {
  /** Where desired and observed state and logs lie; one folder for each installation. */
  readonly stateDir: string;
  /** Where the folders `<tag>/release.json` lie. */
  readonly releasesDir: string;
  /** Default the system's. */
  readonly clock?: Clock;
}

export interface ProcessWorkloads extends Workloads {
  /**
   * Creates a service that is not there yet. One that is there keeps its release, count and tags: `tidegate up` must
   * not start a writer that an upgrade has stopped. Throws ReleaseNotFound, ReleaseInvalid or ServiceNotInRelease.
   */
  ensure(
    service: string,
    first: {
      readonly release: string;
      readonly desiredCount: number;
      readonly tags?: Readonly<Record<string, string>>;
    },
  ): Promise<UpdateReceipt & { readonly isNew: boolean }>;
}

/**
 * A client for the services under `stateDir`. Without a living supervisor updates are recorded, the receipt says that
 * nothing happens yet, and `describe` shows what still lives.
 */
export function createProcessWorkloads(options: ProcessWorkloadsOptions): ProcessWorkloads {
  const deps = { ...options, clock: options.clock ?? systemClock };
  return {
    list: async () => listServices(deps.stateDir),
    describe: async (service) => describeService(deps.stateDir, service),
    describeAll: async (services) => describeServices(deps.stateDir, services),
    draftRevision: async (service, target) => draftRevision(deps, service, target),
    registerRevision: async (service, target) => registerRevision(deps, service, target),
    update: async (service, change) => updateService(deps, service, change),
    ensure: async (service, first) => ensureService(deps, service, first),
  };
}
