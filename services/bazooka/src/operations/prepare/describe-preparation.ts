// What an event would do, for who asks before it is sent. Reads only.
import type { BazookaConfig } from "../../config.ts";
import { readIrreversible, readMigrationFiles } from "../../migrations/migration-source.ts";
import type { BazookaInput, DatabaseFacts } from "../../types.ts";
import { observeStores } from "./observe.ts";
import { planPreparation } from "./plan.ts";

export interface PreparationDescribed {
  /** The stores by name, as in the plan. */
  readonly target: string;
  /** What `migrate` would run after what else the event does to the database; none where the event is about no database. */
  readonly pendingMigrations: readonly string[];
  /** Those of them whose file exports no `down`. */
  readonly irreversible: readonly string[];
  /** Of the configured topics; none where the event is about no topics. Null in `present`: not there. */
  readonly topics: ReadonlyArray<{ readonly name: string; readonly present: number | null; readonly wanted: number }>;
  /** What the plan would change, in order: a sentence each. */
  readonly steps: readonly string[];
}

/** Throws what the plan of the event throws: ForceMissing, KeptTablesInvalid, PartIsOff; MigrationsInvalid for files that do not load. */
export async function describePreparation(config: BazookaConfig, input: BazookaInput): Promise<PreparationDescribed> {
  const observation = await observeStores(config, input);
  const { target, steps } = planPreparation(input, observation, config);
  const { migrationsDir: folder } = config;
  const pendingMigrations =
    observation.database === null || folder === undefined
      ? []
      : await pendingAfter(observation.database, input, folder);
  return {
    target,
    pendingMigrations,
    irreversible: folder === undefined ? [] : await readIrreversible(folder, pendingMigrations),
    topics: (observation.kafka?.topics ?? []).map(({ name, present, partitions }) => ({
      name,
      present,
      wanted: partitions,
    })),
    steps: steps.map((step) => step.change),
  };
}

/** A reset takes the record of the migrations along, a rollback makes its batch pending again. */
async function pendingAfter(
  { migrations }: DatabaseFacts,
  input: BazookaInput,
  folder: string,
): Promise<readonly string[]> {
  if (input.reset_db) return (await readMigrationFiles(folder)).map((file) => file.name);
  const again = input.rollback ? (migrations?.lastBatch?.names ?? []) : [];
  return [...again, ...(migrations?.pending ?? [])].toSorted();
}
