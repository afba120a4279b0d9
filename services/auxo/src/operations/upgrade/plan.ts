// What an upgrade would do. Pure.
import type { PlanDraft, PlanStep } from "@tidegate/engine";
import type { RevisionChange } from "@tidegate/workloads";
import type { Fleet } from "../../fleet/fleet-schema.ts";
import type { FleetObservation, MigratorFacts, ServiceFacts, UpgradeInput } from "../../types.ts";

/** Of a definition's differences, in one line of the plan. */
const CHANGES_SHOWN = 4;

export function planUpgrade(input: UpgradeInput, observation: FleetObservation, fleet: Fleet): PlanDraft {
  const { services, migrator, target } = observation;
  const writers = services.filter((one) => one.isWriter);
  const changed = services.filter((one) => one.changes.length > 0);
  const isMigrating = migrator !== null && mayMigrate(migrator);
  const toRestart = writers.filter((one) => one.restartAt !== one.counts.desired);
  const isPausing = isMigrating || changed.some((one) => one.isWriter);
  const steps: PlanStep[] = [
    ...(migrator !== null && migrator.image !== migrator.targetImage ? [replaceStep(migrator)] : []),
    ...(isPausing && writers.length > 0 ? [stopStep(writers)] : []),
    ...(isMigrating ? [migrateStep(migrator)] : []),
    ...changed.flatMap(rollSteps),
    ...((isPausing || toRestart.length > 0) && writers.length > 0 ? [restartStep(writers)] : []),
  ];
  const what = input.onlyRunDbMigrationAndCreateKafkaTopics ? "Migrate the database of" : "Upgrade";
  return {
    target,
    summary:
      steps.length === 0
        ? `${target} is at ${input.upgrade_tag} already.`
        : `${what} ${target} to ${input.upgrade_tag}.`,
    steps,
    notes:
      steps.length === 0
        ? services.flatMap((one) => one.notes)
        : notes(input, observation, { fleet, isPausing, isMigrating }),
  };
}

/** Unless the code that would do it has said that nothing is pending. */
function mayMigrate({ forecast }: MigratorFacts): boolean {
  if (forecast === null) return true;
  return forecast.pendingMigrations.length > 0 || forecast.topics.some((topic) => (topic.present ?? 0) < topic.wanted);
}

function replaceStep(migrator: MigratorFacts): PlanStep {
  return {
    name: "update-bazooka",
    change: `Replaces what ${migrator.function} runs: ${shortImage(migrator.image)} → ${shortImage(migrator.targetImage)}`,
    destroys: false,
    undo:
      migrator.image === null
        ? null
        : `The image that it runs now, ${shortImage(migrator.image)}, when the upgrade is rolled back`,
  };
}

function stopStep(writers: readonly ServiceFacts[]): PlanStep {
  const counts = writers.map((one) => `${one.name} (${one.restartAt ?? 0})`).join(", ");
  return {
    name: "stop-writers",
    change: `Records the counts of the writers, stops them and waits until nothing of them runs: ${counts}`,
    destroys: false,
    undo: "They are started again at these counts, whatever happens",
  };
}

function migrateStep({ function: name, forecast }: MigratorFacts): PlanStep {
  const { pendingMigrations = [], irreversible = [], topics = [] } = forecast ?? {};
  const grown = topics
    .filter((topic) => (topic.present ?? 0) < topic.wanted)
    .map((topic) => `${topic.name} (${topic.present ?? "none"} → ${topic.wanted})`);
  const parts = [
    ...(pendingMigrations.length > 0 ? [`migrates ${forecast?.target ?? ""}: ${pendingMigrations.join(", ")}`] : []),
    ...(grown.length > 0 ? [`creates topics or partitions: ${grown.join(", ")}`] : []),
    ...(forecast === null
      ? ["runs the migrations that the new image brings; which these are, it says when it is there"]
      : []),
  ];
  return {
    name: "migrate",
    change: `Through ${name}: ${parts.join("; ")}`,
    destroys: false,
    undo:
      forecast !== null && irreversible.length === 0 ? "Not by this upgrade; by hand, with Bazooka's rollback" : null,
  };
}

function rollSteps(service: ServiceFacts): readonly PlanStep[] {
  const { name, changes, target } = service;
  return [
    {
      name: `register-${name}`,
      change: `Registers a revision of ${name} for ${target?.release ?? ""}: ${describeChanges(changes)}`,
      destroys: false,
      undo: "None is needed; it stays, unused",
    },
    {
      name: `roll-${name}`,
      change: `Rolls ${name} from ${service.release} to ${target?.release ?? ""}: ${imageChange(service)}`,
      destroys: false,
      undo: `The revision that runs now, ${shortRevision(service.revision)}, when the upgrade is rolled back`,
    },
  ];
}

/** What runs may have been started by no image: by `tidegate up`, from a release. */
function imageChange({ image, target }: ServiceFacts): string {
  const to = shortImage(target?.image ?? null);
  return image === null ? to : `${shortImage(image)} → ${to}`;
}

function restartStep(writers: readonly ServiceFacts[]): PlanStep {
  return {
    name: "restart-writers",
    change: `Starts the writers: ${writers.map((one) => `${one.name} at ${one.restartAt ?? 0}`).join(", ")}`,
    destroys: false,
    undo: "None is needed",
  };
}

function notes(
  input: UpgradeInput,
  { services, migrator }: FleetObservation,
  {
    fleet,
    isPausing,
    isMigrating,
  }: { readonly fleet: Fleet; readonly isPausing: boolean; readonly isMigrating: boolean },
): readonly string[] {
  const { limits } = fleet;
  const roles = [...new Set(services.flatMap((one) => one.passedRoles))];
  const seconds = (ms: number): string => `${Math.ceil(ms / 1_000)} s`;
  const migrateMs = isMigrating ? Math.min(limits.migrateMs, migrator?.timeoutMs ?? 0) : 0;
  const irreversible = migrator?.forecast?.irreversible ?? [];
  return [
    ...(isPausing
      ? [
          isMigrating
            ? `Writers pause while they end, the database is migrated, and they start: at most ${seconds(limits.drainMs)}, ${seconds(migrateMs)} and ${seconds(limits.startMs)}.`
            : `Writers pause while they end and start: at most ${seconds(limits.drainMs)} and ${seconds(limits.startMs)}.`,
        ]
      : []),
    ...(migrator === null && services.some((one) => one.changes.length > 0)
      ? [
          "Nothing migrates for these services: each does for itself when it starts, and what that is, is not known before.",
        ]
      : []),
    ...(irreversible.length > 0 ? [`Cannot be undone, as they have no way down: ${irreversible.join(", ")}.`] : []),
    ...(input.rollback === "never"
      ? ["No rollback: a service that does not become stable stays on its new revision, and the run fails."]
      : [
          "A rollback goes to the revisions that run now, and to Bazooka's image; migrations stay applied, and old code meets the new schema.",
          ...(input.rollback === "ask"
            ? [
                `A person is asked before it, for at most ${seconds(limits.approvalMs)}; writers that are down then wait for the answer.`,
              ]
            : []),
        ]),
    ...(isMigrating && input.onFailedMigration === "hold"
      ? [
          `After a failed migration the writers stay down until a person answers, at most ${seconds(limits.approvalMs)}.`,
        ]
      : []),
    ...(roles.length > 0 ? [`Registering needs iam:PassRole on ${roles.join(", ")}.`] : []),
    ...services.flatMap((one) => one.notes),
  ];
}

/** Where a revision of processes comes from; the plan says it in words. */
const OF_THE_RELEASE = new Set(["release", "releaseDir"]);

function describeChanges(all: readonly RevisionChange[]): string {
  const changes = all.filter((one) => !OF_THE_RELEASE.has(one.path));
  if (changes.length === 0) return "nothing differs but the release";
  const shown = changes
    .slice(0, CHANGES_SHOWN)
    .map((one) => `${one.path}: ${one.before ?? "nothing"} → ${one.after ?? "nothing"}`);
  const more = changes.length - shown.length;
  return `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** The repository's last name and the first digits of the digest. */
function shortImage(image: string | null): string {
  if (image === null) return "(none)";
  const [name = "", digest] = image.split("@");
  return digest === undefined ? name : `${name.split("/").at(-1) ?? name}@${digest.slice(0, 19)}`;
}

function shortRevision(revision: string): string {
  return revision.split("/").at(-1) ?? revision;
}
