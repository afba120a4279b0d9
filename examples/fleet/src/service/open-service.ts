// What every service of the fleet is made of: who it is, its log, /health on its port, and the faults that it may be asked for.
import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import { untilStopped, type Logger, type Shutdown } from "@tidegate/kernel";
import type { ServiceValues } from "../config.ts";
import type { ServiceName } from "../constants.ts";
import { CrashedAsAsked } from "../errors.ts";
import { chooseRelease } from "../releases/choose-release.ts";
import type { FleetRelease, Writer } from "../releases/release.ts";
import { serveHttp, type Answer } from "./serve-http.ts";

interface Health {
  readonly isHealthy: boolean;
  readonly [fact: string]: unknown;
}

export interface ServiceOptions {
  readonly name: ServiceName;
  readonly values: ServiceValues;
  readonly logger: Logger;
  readonly shutdown: Shutdown;
  /** Asked at each GET /health. */
  readonly look: () => Health;
  /** What it answers beside /health; undefined for a path that it does not know. */
  readonly answer?: (url: URL) => Promise<Answer> | undefined;
}

export interface Service {
  readonly release: FleetRelease;
  readonly writer: Writer;
  /** With version and instance on each line. */
  readonly logger: Logger;
  readonly server: Server;
}

/** Listens from the beginning, so that a supervisor is told why it is not healthy yet. Undefined: it was asked to be faulty, and has been stopped. */
export async function openService(options: ServiceOptions): Promise<Service | undefined> {
  const { name, values, shutdown } = options;
  const release = chooseRelease(values.release);
  const writer: Writer = {
    version: values.version ?? `release-${release.number}`,
    instance: `${values.instance ?? nameOf(name, values)}/${randomBytes(4).toString("hex")}`,
  };
  const logger = options.logger.child({ version: writer.version, instance: writer.instance });
  if (values.fault === "crash-at-start") throw new CrashedAsAsked();

  const look = (): Health =>
    values.fault === "never-healthy" ? { isHealthy: false, reason: "FLEET_FAULT=never-healthy" } : options.look();
  const http = await serveHttp(values.port, async (url) => {
    if (url.pathname === "/health") return health({ name, release, writer }, look());
    const answer = values.fault === undefined ? options.answer?.(url) : undefined;
    return (await answer) ?? { status: 404, body: { error: `no such path: ${url.pathname}` } };
  });
  shutdown.onClose("http", http.drain);
  logger.info(name, "listening", { port: http.port, release: release.number });
  if (values.fault === "never-healthy") {
    await untilStopped(shutdown);
    return undefined;
  }
  return { release, writer, logger, server: http.server };
}

function health(
  { name, release, writer }: { readonly name: string; readonly release: FleetRelease; readonly writer: Writer },
  { isHealthy, ...facts }: Health,
): Answer {
  const status = isHealthy ? "healthy" : "unhealthy";
  const body = { status, service: name, release: release.number, ...writer, ...facts };
  return { status: isHealthy ? 200 : 503, body };
}

/** The supervisor's mark is digest/service/index/spawn. */
function nameOf(name: string, { supervisorMark }: ServiceValues): string {
  const index = supervisorMark?.split("/")[2];
  return index === undefined ? `${name}-pid${process.pid}` : `${name}-${index}`;
}
