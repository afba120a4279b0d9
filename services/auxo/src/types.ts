// What Auxo is told, sees and gives.
import type { RevisionChange, RevisionTarget } from "@tidegate/workloads";
import * as z from "zod";

const name = (describe: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9][\w-]{0,62}$/, { error: "letters, digits, dashes and underscores, at most 63" })
    .describe(describe);

/** The event, after parsing. */
export const upgradeInput = z.strictObject({
  upgrade_tag: z
    .string()
    .regex(/^[A-Za-z0-9_][\w.-]{0,127}$/, {
      error: "an image tag: letters, digits, dots, dashes, underscores, at most 128",
    })
    .describe("Image tag to deploy"),
  prefix: name("Environment prefix, as in dev4").optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: "an AWS region, such as ap-northeast-1" })
    .describe("AWS region")
    .optional(),
  regionAbbrev: name("Abbreviated region name, as in apne1").optional(),
  addNewKafkaTopics: z
    .boolean({ error: "must be true or false, without quotes" })
    .default(false)
    .describe("Create new Kafka topics too"),
  onlyRunDbMigrationAndCreateKafkaTopics: z
    .boolean({ error: "must be true or false, without quotes" })
    .default(false)
    .describe("Leave the services on their release"),
  fleet: name("Which fleet; default the configured one").optional(),
  rollback: z
    .enum(["never", "ask", "on-failure"])
    .default("never")
    .describe("Back to the recorded revisions when a service does not become stable"),
  onFailedMigration: z
    .enum(["restart", "hold"])
    .default("restart")
    .describe("hold keeps the writers down and waits for a person"),
  gate: z
    .enum(["off", "checks", "approval"])
    .default("off")
    .describe("What new services must pass: the fleet's checks, or a person"),
});

export type UpgradeInput = z.infer<typeof upgradeInput>;

/** As Lambda receives it. Source: the document, "Event Schema". */
export interface AuxoEventJson {
  readonly upgrade_tag: string;
  readonly prefix: string;
  readonly region: string;
  readonly regionAbbrev: string;
  readonly addNewKafkaTopics: boolean;
  readonly onlyRunDbMigrationAndCreateKafkaTopics: boolean;
}

/** The answer to an event that was carried out. */
export interface AuxoResponse {
  readonly statusCode: 200;
  readonly body: string;
}

export interface ServiceFacts {
  readonly name: string;
  readonly isWriter: boolean;
  readonly release: string;
  readonly revision: string;
  readonly image: string | null;
  /** Of writers: what they are restarted at. Null for others, whose count is never touched. */
  readonly restartAt: number | null;
  /** Volatile. */
  readonly counts: { readonly desired: number; readonly running: number; readonly pending: number };
  /** Null where only the database is migrated. */
  readonly target: RevisionTarget | null;
  readonly changes: readonly RevisionChange[];
  readonly notes: readonly string[];
  readonly passedRoles: readonly string[];
}

/** What the migrations would be, as Bazooka itself answered; null until the new one can be asked. */
export interface StoresForecast {
  readonly target: string;
  readonly pendingMigrations: readonly string[];
  /** Of those, what has no way down. */
  readonly irreversible: readonly string[];
  readonly topics: ReadonlyArray<{ readonly name: string; readonly present: number | null; readonly wanted: number }>;
}

export interface MigratorFacts {
  readonly function: string;
  readonly image: string | null;
  readonly targetImage: string;
  readonly timeoutMs: number;
  readonly forecast: StoresForecast | null;
}

export interface FleetObservation {
  readonly fleet: string;
  /** What is upgraded, by the name that a person knows. */
  readonly target: string;
  readonly services: readonly ServiceFacts[];
  readonly migrator: MigratorFacts | null;
}

/** Why an upgrade is left in which state. */
export interface UpgradeResult {
  readonly tag: string;
  readonly target: string;
  readonly services: ReadonlyArray<{
    readonly name: string;
    readonly from: string;
    readonly to: string;
    readonly desiredCount: number;
  }>;
  readonly bazooka: { readonly from: string | null; readonly to: string } | null;
  /** From the first stop of a writer until the last one ran again; null when none was stopped. */
  readonly writerPauseMs: number | null;
  /** Of it: draining, migrating, starting; the rest is ours. */
  readonly parts: { readonly drainMs: number; readonly migrateMs: number; readonly startMs: number } | null;
  /** The document's answer is the same in either case. */
  readonly onlyDatabase: boolean;
}
