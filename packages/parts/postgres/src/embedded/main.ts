// The program `postgres` of a local installation: starts or adopts the embedded server, keeps it running, stops it in order.
// Killed with -9 it leaves the server running; started again it adopts it.
import {
  createLogger,
  createShutdown,
  describeError,
  EXIT,
  loadSettings,
  systemClock,
  TidegateError,
  type Shutdown,
} from "@tidegate/kernel";
import { startHealthServer } from "./health-server.ts";
import { keepRunning } from "./keep-running.ts";
import { probeServer } from "./probe-server.ts";
import { settings } from "./settings.ts";
import { startEmbedded, type EmbeddedServer } from "./start-embedded.ts";

const AT = "embedded/main.ts#main";
const FAST_STOP_LIMIT_MS = 10_000;
const HEALTH_LIMIT_MS = 2_000;

const logger = createLogger({ service: "postgres" });

async function main(shutdown: Shutdown): Promise<void> {
  const { values } = loadSettings(settings, { argv: process.argv.slice(2), env: process.env });
  let running: EmbeddedServer | undefined;

  if (values.healthPort !== undefined) {
    const health = await startHealthServer(values.healthPort, async () => lookAt(running));
    shutdown.onClose("health server", () => health.close());
    logger.info(AT, "Answering GET /health", { healthPort: health.port });
  }
  const server = await keepRunning({
    start: (port) =>
      startEmbedded({
        dataDir: values.dataDir,
        port: port ?? values.port,
        ...(values.moreDatabases === undefined ? {} : { moreDatabases: values.moreDatabases }),
        signal: shutdown.signal,
        onEvent: (event) => logger.info(AT, event.message, { code: event.code, ...event.details }),
      }),
    onStarted: (started) => {
      running = started;
    },
    onDied: (died) => logger.warn(AT, "The server ended by itself; starting it again", { serverPid: died.pid }),
    clock: systemClock,
    signal: shutdown.signal,
  });
  await server.stop("fast", FAST_STOP_LIMIT_MS);
  logger.info(AT, "Stopped the server", { serverPid: server.pid });
}

async function lookAt(server: EmbeddedServer | undefined): Promise<{ pid: number; version: string } | undefined> {
  if (server === undefined || !server.alive()) return undefined;
  const password = decodeURIComponent(new URL(server.url.reveal()).password);
  const version = await probeServer({ port: server.port, password }, HEALTH_LIMIT_MS);
  return version === undefined ? undefined : { pid: server.pid, version };
}

async function run(): Promise<void> {
  const shutdown = createShutdown();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      // A failure of closing is told below, where the same promise is awaited.
      shutdown.stop(signal).catch(() => undefined);
    });
  }
  try {
    await main(shutdown);
    await shutdown.stop("ended");
  } catch (error) {
    await fail(error, shutdown);
  }
}

/** The one place where an error ends this process. */
async function fail(error: unknown, shutdown: Shutdown): Promise<void> {
  if (shutdown.signal.aborted && error === shutdown.signal.reason) {
    logger.info(AT, "Stopped before the server was up");
    return;
  }
  const known = error instanceof TidegateError ? { code: error.code, remedy: error.remedy } : {};
  logger.error(AT, describeError(error), { ...known, error });
  process.exitCode = error instanceof TidegateError ? error.exit : EXIT.failed;
  await shutdown.stop("failed");
}

await run();
