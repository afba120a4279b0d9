// Process `comlink`: the HTTP API over PostgreSQL.
import { createLogger, loadSettings, runProgram, untilStopped, type Logger, type Shutdown } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { databaseSetting, serviceSettings } from "../config.ts";
import { chooseRelease } from "../releases/choose-release.ts";
import { openService } from "../service/open-service.ts";
import { answerRequest } from "./answer-request.ts";

const AT = "comlink";

async function main(logger: Logger, shutdown: Shutdown): Promise<void> {
  const { values } = loadSettings({ ...serviceSettings, ...databaseSetting }, { env: process.env });
  const pool = createPool({
    url: values.database,
    max: 3,
    applicationName: "comlink",
    statementTimeoutMs: 5_000,
    // A reader that waits behind a migration says so, instead of holding its client.
    lockTimeoutMs: 1_000,
  });
  shutdown.onClose("pool", () => pool.end());
  const deps = { pool, release: chooseRelease(values.release) };
  const service = await openService({
    name: "comlink",
    values,
    logger,
    shutdown,
    // Another schema is no fault of this process: restarting it would not help.
    look: () => ({ isHealthy: true }),
    answer: (url) => answerRequest(deps, url),
  });
  if (service === undefined) return;
  service.logger.info(AT, "comlink is up");
  await untilStopped(shutdown);
}

const logger = createLogger({ service: "comlink" });
await runProgram({ logger, at: AT, main: (shutdown) => main(logger, shutdown) });
