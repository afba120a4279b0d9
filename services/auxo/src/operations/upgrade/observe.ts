// Looks at the whole fleet, and at everything that the upgrade will need; reads only. What is missing is found here, before anything is touched.
import { describeError, TidegateError } from "@tidegate/kernel";
import type { RevisionDraft, RevisionTarget, WorkloadStatus } from "@tidegate/workloads";
import { COUNT_TAG } from "../../constants.ts";
import { PreflightFailed, type PreflightProblem } from "../../errors.ts";
import type { Fleet } from "../../fleet/fleet-schema.ts";
import type { ResourceNames } from "../../fleet/name-resources.ts";
import type { Platform } from "../../platform/platform.ts";
import type { FleetObservation, MigratorFacts, ServiceFacts, UpgradeInput } from "../../types.ts";
import { askForecast } from "./ask-forecast.ts";

export interface Scene {
  readonly fleet: Fleet;
  readonly names: ResourceNames;
  readonly platform: Platform;
}

/** Draws of task definitions that are asked for at once; ECS allows more, bursts of 50 services do not fit. */
const AT_ONCE = 5;

/** Throws PreflightFailed with everything that stands in the way, and what the platform answers. */
export async function observeFleet(
  { fleet, names, platform }: Scene,
  input: UpgradeInput,
  signal: AbortSignal,
): Promise<FleetObservation> {
  const problems: PreflightProblem[] = [];
  const check = createCheck(problems);
  if (input.gate === "checks" && fleet.checks.length === 0) problems.push(nothingToCheck(fleet));
  const services = Object.keys(fleet.services);
  const statuses = await check("the services", async () => platform.workloads.describeAll(services));
  const migrator = await check("Bazooka", async () =>
    observeMigrator({ fleet, names, platform }, input, { check, signal }),
  );
  const facts: ServiceFacts[] = [];
  const look = async (name: string): Promise<void> => {
    const status = statuses?.get(name);
    if (status === undefined) return;
    if (!status.controller.alive) problems.push(notControlled(name, status));
    const { draft, target } = await draftOf({ names, platform }, { name, input, check });
    facts.push(serviceFacts(fleet, { name, status, draft, target }));
  };
  for (let from = 0; from < services.length; from += AT_ONCE) {
    await Promise.all(services.slice(from, from + AT_ONCE).map(look));
  }
  if (problems.length > 0) throw new PreflightFailed({ target: names.target, tag: input.upgrade_tag, problems });
  // In the fleet's order, not in the order of answers.
  const order = facts.toSorted((a, b) => services.indexOf(a.name) - services.indexOf(b.name));
  return { fleet: fleet.name, target: names.target, services: order, migrator: migrator ?? null };
}

type Check = <T>(what: string, look: () => Promise<T>) => Promise<T | undefined>;

/** What a person can mend is gathered; what is down, or a mistake of ours, ends the look at once. */
function createCheck(problems: PreflightProblem[]): Check {
  return async (what, look) => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof TidegateError) || error.retry !== "never") throw error;
      problems.push({ what, problem: describeError(error), remedy: error.remedy });
      return undefined;
    }
  };
}

async function draftOf(
  { names, platform }: Pick<Scene, "names" | "platform">,
  { name, input, check }: { readonly name: string; readonly input: UpgradeInput; readonly check: Check },
): Promise<{ readonly draft?: RevisionDraft; readonly target: RevisionTarget | null }> {
  if (input.onlyRunDbMigrationAndCreateKafkaTopics) return { target: null };
  const { repository = name } = names.services[name] ?? {};
  const tag = input.upgrade_tag;
  const image = await check(`the image of ${name}`, async () => platform.images.resolve({ repository, tag }));
  if (image === undefined) return { target: null };
  const target = { release: tag, image: image.uri };
  const draft = await check(`the definition of ${name}`, async () => platform.workloads.draftRevision(name, target));
  return { target, ...(draft === undefined ? {} : { draft }) };
}

function serviceFacts(
  fleet: Fleet,
  {
    name,
    status,
    draft,
    target,
  }: {
    readonly name: string;
    readonly status: WorkloadStatus;
    readonly draft: RevisionDraft | undefined;
    readonly target: RevisionTarget | null;
  },
): ServiceFacts {
  const isWriter = fleet.services[name]?.writer === true;
  const restart = isWriter ? restartCount(status) : { count: null, notes: [] };
  return {
    name,
    isWriter,
    release: status.release,
    revision: status.revision.id,
    image: status.revision.image,
    restartAt: restart.count,
    counts: { desired: status.desiredCount, running: status.runningCount, pending: status.pendingCount },
    target,
    changes: draft?.changes ?? [],
    notes: [...restart.notes, ...(draft?.notes ?? [])],
    passedRoles: draft?.passedRoles ?? [],
  };
}

/**
 * What is desired, never what happens to run: a writer that crashes, or is being deployed, comes back whole. At 0, the count that was recorded
 * before somebody stopped it: an upgrade that was killed, or the infrastructure.
 */
function restartCount(status: WorkloadStatus): { readonly count: number; readonly notes: readonly string[] } {
  if (status.desiredCount > 0) return { count: status.desiredCount, notes: [] };
  const recorded = status.tags[COUNT_TAG];
  const count = recorded !== undefined && /^\d{1,4}$/.test(recorded) ? Number(recorded) : 0;
  const { service } = status;
  if (count > 0)
    return { count, notes: [`${service} is stopped; its tag ${COUNT_TAG} says ${count}, and it is started at that.`] };
  return { count: 0, notes: [`${service} is at 0, nothing says what it was before, and it stays at 0.`] };
}

async function observeMigrator(
  scene: Scene,
  input: UpgradeInput,
  { check, signal }: { readonly check: Check; readonly signal: AbortSignal },
): Promise<MigratorFacts | null> {
  const { names, platform } = scene;
  if (names.bazooka === null) return null;
  const { function: name, repository } = names.bazooka;
  const status = await platform.functions.describe(name);
  const image = await check("the image of Bazooka", async () =>
    platform.images.resolve({ repository, tag: input.upgrade_tag }),
  );
  if (image === undefined) return null;
  const forecast = await check("what would be migrated", async () =>
    askForecast(scene, { name, input, runs: status.image, image: image.uri, timeoutMs: status.timeoutMs, signal }),
  );
  return {
    function: name,
    image: status.image,
    targetImage: image.uri,
    timeoutMs: status.timeoutMs,
    forecast: forecast ?? null,
  };
}

function nothingToCheck({ name }: Fleet): PreflightProblem {
  return {
    what: "gate: checks",
    problem: `fleet "${name}" has no checks`,
    remedy: "Give it some (checks: in its file), or leave the gate off, or have a person asked (gate: approval).",
  };
}

function notControlled(name: string, status: WorkloadStatus): PreflightProblem {
  return {
    what: `service ${name}`,
    problem: `nothing carries out what is decided about it (${status.controller.detail})`,
    remedy: "Start the installation with `tidegate up`.",
  };
}
