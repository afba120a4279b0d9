// Writes a release of the fleet: `node src/release-main.ts --releases-dir DIR --tag v2 --release 2 --port-base 4000 --bazooka MODULE`. Prints its folder.
import { join } from "node:path";
import { createLogger, loadSettings, runProgram, setting, wholeNumber } from "@tidegate/kernel";
import * as z from "zod";
import { SERVICES, type ServiceName } from "./constants.ts";
import { writeMigrations } from "./write-migrations.ts";
import { writeFleetRelease } from "./write-release.ts";

/** So many instances of a service find ports of their own. */
const PORTS_EACH = 4;

const settings = {
  releasesDir: setting({
    schema: z.string({ error: "is required" }).min(1),
    env: [],
    flag: "releases-dir",
    describe: "Folder of the releases",
  }),
  tag: setting({
    schema: z
      .string({ error: "is required" })
      .regex(/^[A-Za-z0-9][\w.-]{0,127}$/, { error: "letters, digits, dots, dashes, underscores, at most 128" }),
    env: [],
    flag: "tag",
    describe: "Name of the release, and what each write names as its writer's version",
  }),
  release: setting({
    schema: z.enum(["1", "2"], { error: "must be 1 or 2" }),
    env: [],
    flag: "release",
    describe: "Which of the two releases of the code",
  }),
  portBase: setting({
    schema: wholeNumber({ min: 1024, max: 65_535 - SERVICES.length * PORTS_EACH }),
    env: [],
    flag: "port-base",
    describe: `Comlink listens here; each service after it, in the order of their names, ${PORTS_EACH} further on`,
  }),
  bazooka: setting({
    schema: z.string({ error: "is required" }).startsWith("/", { error: "must be an absolute path" }),
    env: [],
    flag: "bazooka",
    describe: "Module that exports Bazooka's handler",
  }),
  topics: setting({
    schema: z.string().min(1).default("to-ender:3,to-vulcan:6,to-websockets-trades:1"),
    env: [],
    flag: "topics",
    describe: "Topics that Bazooka creates: name:partitions, comma-separated",
  }),
  ledgerDir: setting({
    schema: z.string().min(1).optional(),
    env: [],
    flag: "ledger-dir",
    describe: "Folder of Roundtable's ledger; default none is kept",
  }),
  tickMs: setting({
    schema: wholeNumber({ min: 1, max: 3_600_000 }).default(200),
    env: [],
    flag: "tick-ms",
    describe: "Time between two ticks of Roundtable",
  }),
  moreMigrations: setting({
    schema: wholeNumber({ min: 0, max: 999 }).default(0),
    env: [],
    flag: "more-migrations",
    describe: "Of release 2: migrations besides its own, in the release's folder",
  }),
} as const;

const logger = createLogger({ service: "fleet-release" });

async function main(): Promise<void> {
  const { values } = loadSettings(settings, { argv: process.argv.slice(2) });
  const { releasesDir, tag, moreMigrations: more } = values;
  const dir = writeFleetRelease({
    releasesDir,
    tag,
    release: values.release === "1" ? 1 : 2,
    ports: portsFrom(values.portBase),
    handler: { module: values.bazooka, export: "handler" },
    env: {
      FLEET_TICK_MS: String(values.tickMs),
      ...(values.ledgerDir === undefined ? {} : { FLEET_LEDGER_DIR: values.ledgerDir }),
    },
    functionEnv: { TIDEGATE_ENGINE: "volatile", BAZOOKA_TOPICS: values.topics },
    ...(more === 0 ? {} : { migrationsDir: writeMigrations({ dir: join(releasesDir, tag, "migrations"), more }) }),
  });
  process.stdout.write(`${dir}\n`);
  return Promise.resolve();
}

function portsFrom(base: number): Record<ServiceName, number> {
  return Object.fromEntries(SERVICES.map((name, index) => [name, base + index * PORTS_EACH])) as Record<
    ServiceName,
    number
  >;
}

await runProgram({ logger, at: "release-main", main });
