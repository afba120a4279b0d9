// What the client and the supervisor tell each other, in files: the desired state is the client's, the observed state the supervisor's.
//
//   <stateDir>/supervisor.lock/        the claim of the one supervisor
//   <stateDir>/<service>/desired.json  what should be; written by clients under update.lock/
//   <stateDir>/<service>/observed.json what is; written by the supervisor alone
//   <stateDir>/<service>/logs/<i>.log  what instance i wrote; .log.1 to .log.3 are older
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { StateUnreadable } from "../errors.ts";
import { serviceName, serviceSpec } from "../release/release-schema.ts";
import { careSchema } from "./instance-plan.ts";
import { writeAtomically } from "./write-atomically.ts";

const identitySchema = z.strictObject({ pid: z.int().min(1), startTime: z.string(), bootId: z.string() });

const desiredSchema = z.strictObject({
  version: z.literal(1),
  service: serviceName,
  /** Grows with every change of what should run; the supervisor acknowledges it in `observed.revision`. */
  revision: z.int(),
  release: z.string(),
  releaseDir: z.string(),
  /** The release's words about this service, copied: what runs is what was deployed, whatever becomes of the file. */
  spec: serviceSpec,
  specDigest: z.string(),
  desiredCount: z.int().min(0),
  tags: z.record(z.string(), z.string()),
  deploymentId: z.string(),
});

const exitSchema = z.strictObject({ code: z.number().nullable(), signal: z.string().nullable(), at: z.string() });

const observedInstanceSchema = z.strictObject({
  index: z.int(),
  spawnId: z.string(),
  /** Null before the process was started, and after it ended. */
  process: identitySchema.nullable(),
  state: z.enum(["waiting", "starting", "running", "stopping", "backing-off"]),
  health: z.enum(["unknown", "healthy", "unhealthy"]),
  release: z.string(),
  specDigest: z.string(),
  deploymentId: z.string(),
  care: careSchema,
  restarts: z.int(),
  failures: z.int(),
  startedAt: z.string().optional(),
  lastExit: exitSchema.optional(),
  reason: z.string().optional(),
});

const observedDeploymentSchema = z.strictObject({
  id: z.string(),
  release: z.string(),
  state: z.enum(["in-progress", "completed", "failed"]),
  reason: z.string().optional(),
});

const observedSchema = z.strictObject({
  version: z.literal(1),
  service: z.string(),
  revision: z.int(),
  /** The newest first. */
  deployments: z.array(observedDeploymentSchema),
  instances: z.array(observedInstanceSchema),
});

export type Desired = z.infer<typeof desiredSchema>;
export type Observed = z.infer<typeof observedSchema>;
export type ObservedInstance = z.infer<typeof observedInstanceSchema>;
export type ObservedDeployment = z.infer<typeof observedDeploymentSchema>;

export const supervisorLock = (stateDir: string): string => join(stateDir, "supervisor.lock");
export const updateLock = (stateDir: string, service: string): string => join(stateDir, service, "update.lock");
export const desiredFile = (stateDir: string, service: string): string => join(stateDir, service, "desired.json");
export const observedFile = (stateDir: string, service: string): string => join(stateDir, service, "observed.json");
export const logsDir = (stateDir: string, service: string): string => join(stateDir, service, "logs");
export const logFile = (stateDir: string, service: string, index: number): string =>
  join(logsDir(stateDir, service), `${index}.log`);

/** The names of the folders that can be services'; one without a desired.json is a service being created. */
export function serviceFolders(stateDir: string): string[] {
  try {
    const entries = readdirSync(stateDir, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && serviceName.safeParse(entry.name).success)
      .map((e) => e.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Undefined when the file is not there; throws StateUnreadable when it is and cannot be understood. */
export function readDesired(stateDir: string, service: string): Desired | undefined {
  // A name from outside must not lead out of the folder.
  if (!serviceName.safeParse(service).success) return undefined;
  return readChecked(desiredFile(stateDir, service), desiredSchema);
}

/** Undefined when the file is not there; throws StateUnreadable when it is and cannot be understood. */
export function readObserved(stateDir: string, service: string): Observed | undefined {
  return readChecked(observedFile(stateDir, service), observedSchema);
}

export function writeDesired(stateDir: string, desired: Desired): void {
  writeAtomically(desiredFile(stateDir, desired.service), `${JSON.stringify(desired, undefined, 2)}\n`, {
    toDisk: true,
  });
}

function readChecked<T>(file: string, schema: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new StateUnreadable({ file, problem: "it is not JSON", cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  throw new StateUnreadable({ file, problem, cause: parsed.error });
}
