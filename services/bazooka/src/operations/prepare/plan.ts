// What an event would do, step by step, and on what. Pure.
import type { PlanDraft, PlanStep } from "@tidegate/engine";
import { isKept } from "../../database/is-kept.ts";
import { KeptTablesInvalid } from "../../errors.ts";
import { allowedActions } from "../../event/actions.ts";
import type { Action, BazookaInput, DatabaseFacts, KafkaFacts, StoresObservation } from "../../types.ts";
import { notesOf } from "./notes.ts";

/** Throws ForceMissing and KeptTablesInvalid: what may not be executed is not planned either. */
export function planPreparation(
  input: BazookaInput,
  observation: StoresObservation,
  { preventBreaking }: { readonly preventBreaking: boolean },
): PlanDraft {
  const actions = allowedActions(input, { preventBreaking });
  const steps = actions.flatMap((action) => STEPS_OF[action](observation, input));
  refuseKept(actions, steps, observation);
  return {
    target: targetOf(observation),
    summary: summaryOf(actions, steps),
    steps,
    notes: notesOf(actions, observation),
  };
}

/** Where the tables are changed first, only the step can tell which of them there are. */
function refuseKept(actions: readonly Action[], steps: readonly PlanStep[], { database }: StoresObservation): void {
  if (!actions.includes("clear_db") || steps.some(({ name }) => name === "migrate" || name === "rollback")) return;
  const problems = database?.keptProblems ?? [];
  if (problems.length > 0) throw new KeptTablesInvalid({ problems });
}

/** The stores by name: what a person types before anything is destroyed. */
function targetOf({ database, kafka, redis }: StoresObservation): string {
  const parts = [
    ...(database === null ? [] : [`database ${database.address}`]),
    ...(kafka === null ? [] : [`kafka ${kafka.address}`]),
    ...(redis === null ? [] : [`redis ${redis.address}`]),
  ];
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

function summaryOf(actions: readonly Action[], steps: readonly PlanStep[]): string {
  if (actions.length === 0) return "The event asks for nothing.";
  if (steps.length === 0) return `Nothing is left to do for ${actions.join(", ")}.`;
  return `Do ${actions.join(", ")}, in this order.`;
}

type StepsOf = (observation: StoresObservation, input: BazookaInput) => readonly PlanStep[];

const STEPS_OF: Readonly<Record<Action, StepsOf>> = {
  reset_db: ({ database }) => (database === null || database.schemas.length === 0 ? [] : [resetStep(database)]),
  rollback: ({ database }, input) => (database === null || input.reset_db ? [] : rollbackSteps(database)),
  migrate: ({ database }, input) => (database === null ? [] : migrateSteps(database, input)),
  clear_db: ({ database }, input) => (database === null ? [] : clearSteps(database, input)),
  create_kafka_topics: ({ kafka }) => (kafka === null ? [] : kafka.topics.flatMap((topic) => topicSteps(kafka, topic))),
  clear_kafka_topics: ({ kafka }, input) =>
    (kafka?.topics ?? [])
      .filter((topic) => topic.present !== null || input.create_kafka_topics)
      .map((topic) => ({
        name: `clear-topic-${topic.name}`,
        change: `Deletes all records of topic ${topic.name}; the topic stays`,
        destroys: true,
        undo: null,
      })),
  clear_redis: ({ redis }) =>
    redis === null
      ? []
      : [
          {
            name: "clear-redis",
            change: `Flushes all databases of the Redis server ${redis.address} (${redis.server}, ${redis.role})`,
            destroys: true,
            undo: null,
          },
        ],
  send_stateful_orders_to_vulcan: () => [
    {
      name: "send-stateful-orders",
      change: "Sends every open stateful order to Vulcan, then the filled amount of each that is partly filled",
      destroys: false,
      undo: null,
    },
  ],
};

function resetStep({ address, schemas, tables }: DatabaseFacts): PlanStep {
  return {
    name: "reset-db",
    change: `Drops and recreates ${schemas.map((name) => `schema ${name}`).join(", ")} of database ${address} with ${tables.length} tables; owner, grants and extensions are restored`,
    destroys: true,
    undo: null,
  };
}

function rollbackSteps({ migrations }: DatabaseFacts): readonly PlanStep[] {
  const last = migrations?.lastBatch ?? null;
  if (last === null) return [];
  return [
    {
      name: "rollback",
      change: `Rolls batch ${last.batch} of the migrations back: ${last.names.toReversed().join(", ")}`,
      destroys: true,
      undo: "migrate brings the schema back, not the data",
    },
  ];
}

/** A reset takes the record of the migrations along, a rollback makes its batch pending again. */
function migrateSteps({ address, migrations }: DatabaseFacts, input: BazookaInput): readonly PlanStep[] {
  const pending = migrations?.pending ?? [];
  const again = input.rollback && !input.reset_db ? (migrations?.lastBatch?.names ?? []) : [];
  const change = input.reset_db
    ? `Runs all migrations on database ${address}`
    : `Runs ${pending.length + again.length} pending migrations on database ${address}: ${[...again, ...pending].toSorted().join(", ")}`;
  if (!input.reset_db && pending.length + again.length === 0) return [];
  return [{ name: "migrate", change, destroys: false, undo: "rollback takes this batch back" }];
}

/** Migrations of the same event may bring more tables; they are empty, or emptied. */
function clearSteps({ address, tables, kept }: DatabaseFacts, input: BazookaInput): readonly PlanStep[] {
  const cleared = tables.filter((table) => !isKept(table, kept));
  if (cleared.length === 0 && !input.migrate) return [];
  const names = cleared.map((table) => (table.schema === "public" ? table.name : `${table.schema}.${table.name}`));
  return [
    {
      name: "clear-db",
      change: `Empties ${cleared.length} tables of database ${address}, all or none: ${names.join(", ")}`,
      destroys: true,
      undo: null,
    },
  ];
}

function topicSteps(
  kafka: KafkaFacts,
  { name, partitions, present }: KafkaFacts["topics"][number],
): readonly PlanStep[] {
  if (present !== null && present >= partitions) return [];
  const change =
    present === null
      ? `Creates topic ${name} with ${counted(partitions, "partition")} and ${counted(kafka.replicas, "replica")}`
      : `Adds ${counted(partitions - present, "partition")} to topic ${name} (${present} → ${partitions})`;
  const undo = present === null ? "Deleting the topic, by hand" : null;
  return [{ name: `create-topic-${name}`, change, destroys: false, undo }];
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
