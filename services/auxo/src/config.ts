// The settings of Auxo: names, defaults and meanings.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { httpUrl, loadSettings, setting, wholeNumber, type ValuesOf } from "@tidegate/kernel";
import * as z from "zod";

export const auxoSettings = {
  taskDefinitionWaitMs: setting({
    schema: wholeNumber({ min: 1, max: 3_600_000 }).default(60_000),
    env: ["MAX_TASK_DEFINITION_WAIT_TIME_MS"],
    describe: "Longest wait for a task definition to be registered",
  }),
  sleepMs: setting({
    schema: wholeNumber({ min: 1, max: 600_000 }).default(5_000),
    env: ["SLEEP_TIME_MS"],
    describe: "Between two looks at AWS while something is waited for",
  }),
  fleet: setting({
    schema: z.string().min(1).default("indexer"),
    env: ["AUXO_FLEET"],
    describe: "The fleet that an event means that names none; indexer is the document's",
  }),
  fleetsDir: setting({
    schema: z.string().min(1).optional(),
    env: ["AUXO_FLEETS_DIR"],
    describe: "Folder of fleets, one YAML file each",
  }),
  awsEndpoint: setting({
    schema: httpUrl.optional(),
    env: ["AUXO_AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL"],
    describe: "Where AWS is asked in the place of AWS itself",
  }),
  stateDir: setting({
    schema: z.string().min(1).optional(),
    env: ["TIDEGATE_STATE_DIR"],
    describe: "Folder of the supervisor whose processes a fleet on processes is",
  }),
  releasesDir: setting({
    schema: z.string().min(1).optional(),
    env: ["TIDEGATE_RELEASES_DIR"],
    describe: "Folder of the releases of a fleet on processes",
  }),
  functionsDir: setting({
    schema: z.string().min(1).optional(),
    env: ["TIDEGATE_FUNCTIONS_DIR"],
    describe: "Folder of the functions' state, for a fleet on processes",
  }),
} as const;

export type AuxoConfig = ValuesOf<typeof auxoSettings>;

/** `.env` files lie beside `src`, and beside the built handler. */
const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Environment > `.env.NODE_ENV` > `.env` > default. Throws ConfigInvalid. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): AuxoConfig {
  const stage = env["NODE_ENV"] ?? "";
  const names = [".env", ...(/^[a-z]+$/.test(stage) ? [`.env.${stage}`] : [])];
  const files = names.flatMap((name) => [join(HERE, "..", name), join(HERE, name)]).filter((path) => existsSync(path));
  const fromFiles = Object.assign(
    {},
    ...files.map((path) => parseEnv(readFileSync(path, "utf8"))),
  ) as NodeJS.ProcessEnv;
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  return loadSettings(auxoSettings, { env: { ...fromFiles, ...given } }).values;
}
