// The form of a fleet: which services, which of them write, what migrates for them, and how everything is called.
import * as z from "zod";
import { BAZOOKA_LAMBDA_FUNCTION_NAME, ECS_DB_WRITER_SERVICE_NAMES, ECS_SERVICE_NAMES } from "../constants.ts";

const milliseconds = z.int().min(1).max(86_400_000);
const serviceName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "small letters, digits and dashes, at most 63");

const check = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).describe("Asked until it answers with the status, or the limit is over."),
    status: z.int().min(100).max(599).default(200).describe("The answer that counts as healthy. Default 200."),
    metric: z
      .string()
      .optional()
      .describe('A metric of the Prometheus text that the URL answers with, labels included: http_errors{code="500"}.'),
    above: z.number().optional().describe("Healthy above this value."),
    below: z.number().optional().describe("Healthy below this value."),
  })
  .refine((one) => (one.metric === undefined) === (one.above === undefined && one.below === undefined), {
    error: "`metric` needs `above` or `below`, and they need it",
  });

export const fleetSchema = z.strictObject({
  name: serviceName.describe("How events and people call it."),
  platform: z.enum(["ecs", "processes"]).describe("Where its services run."),
  services: z
    .record(
      serviceName,
      z.strictObject({
        writer: z.boolean().default(false).describe("Writes to the database: stopped while it is migrated."),
      }),
    )
    .refine((services) => Object.keys(services).length > 0, { error: "a fleet has at least one service" }),
  migrator: z
    .strictObject({
      function: z.string().min(1).default(BAZOOKA_LAMBDA_FUNCTION_NAME).describe("The function that migrates."),
      repository: z.string().min(1).optional().describe("Where its images are; default by the platform."),
    })
    .nullable()
    .prefault({})
    .describe("null: the services migrate for themselves when they start."),
  names: z
    .strictObject({
      target: z.string().min(1).optional().describe("What a person calls what is upgraded."),
      cluster: z.string().min(1).optional(),
      service: z.string().min(1).optional(),
      family: z.string().min(1).optional(),
      repository: z.string().min(1).optional(),
      container: z
        .string()
        .min(1)
        .default("service-container")
        .describe("The end of the name of the container that is upgraded."),
    })
    .prefault({})
    .describe(
      "Of clusters, services, families, repositories; {prefix}, {region}, {regionAbbrev}, {fleet} and {service} are replaced. Defaults: name-resources.ts.",
    ),
  event: z
    .strictObject({ prefix: z.string().optional(), region: z.string().optional(), regionAbbrev: z.string().optional() })
    .default({})
    .describe("What an event that leaves these out means."),
  base: z
    .enum(["newest", "running"])
    .default("newest")
    .describe(
      "Which task definition a new one is made of: the family's newest, or the one that runs. Default newest, as the document.",
    ),
  restartWriters: z
    .enum(["at-once", "after-rollout"])
    .default("at-once")
    .describe("Writers come back as soon as they have their new definition, or when the other services are stable."),
  tagCounts: z.boolean().default(true).describe("Record the writers' counts as a tag of the services, too."),
  limits: z
    .strictObject({
      functionUpdateMs: milliseconds.default(120_000).describe("For the function's update. Default 120,000."),
      drainMs: milliseconds.default(180_000).describe("For the writers' end. Default 180,000."),
      migrateMs: milliseconds
        .default(900_000)
        .describe("For the migrator's answer, at most its own limit and a little. Default 900,000."),
      rolloutMs: milliseconds.default(900_000).describe("For all services to be stable. Default 900,000."),
      startMs: milliseconds.default(300_000).describe("For the writers to run again. Default 300,000."),
      gateMs: milliseconds.default(300_000).describe("For the checks to pass. Default 300,000."),
      approvalMs: milliseconds.default(86_400_000).describe("For a person to answer. Default a day."),
    })
    .prefault({}),
  pollMs: milliseconds
    .optional()
    .describe("Between two looks at what was begun. Default SLEEP_TIME_MS on ECS, 100 on processes."),
  checks: z.array(check).default([]).describe("What new services must pass where the event says gate: checks."),
});

export type Fleet = z.infer<typeof fleetSchema>;
export type HealthCheck = z.infer<typeof check>;

/** The document's fleet. */
export const DEFAULT_FLEET: Fleet = fleetSchema.parse({
  name: "indexer",
  platform: "ecs",
  services: Object.fromEntries(
    ECS_SERVICE_NAMES.map((name) => [
      name,
      { writer: (ECS_DB_WRITER_SERVICE_NAMES as readonly string[]).includes(name) },
    ]),
  ),
});

export const writersOf = (fleet: Fleet): readonly string[] =>
  Object.keys(fleet.services).filter((name) => fleet.services[name]?.writer === true);
