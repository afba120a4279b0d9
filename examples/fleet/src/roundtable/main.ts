// Process `roundtable`, a writer: a row on a timer.
import {
  createLogger,
  loadSettings,
  runProgram,
  setting,
  systemClock,
  wholeNumber,
  type Logger,
  type Shutdown,
} from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { databaseSetting, ledgerSetting, serviceSettings } from "../config.ts";
import { openLedger } from "../ledger/ledger.ts";
import { assertSchemaFits } from "../releases/assert-schema-fits.ts";
import { keepTrying, sleepUnlessStopped } from "../service/keep-trying.ts";
import { openService } from "../service/open-service.ts";
import { writeTick } from "./write-tick.ts";

const AT = "roundtable";

const tickSetting = {
  tickMs: setting({
    schema: wholeNumber({ min: 1, max: 3_600_000 }).default(200),
    env: ["FLEET_TICK_MS"],
    describe: "Time between two ticks",
  }),
} as const;

async function main(logger: Logger, shutdown: Shutdown): Promise<void> {
  const { values } = loadSettings(
    { ...serviceSettings, ...databaseSetting, ...ledgerSetting, ...tickSetting },
    { env: process.env },
  );
  const seen = { isHealthy: false, ticks: 0 };
  const service = await openService({ name: "roundtable", values, logger, shutdown, look: () => seen });
  if (service === undefined) return;
  const { release, writer } = service;

  const pool = createPool({ url: values.database, max: 1, applicationName: `roundtable ${writer.version}` });
  shutdown.onClose("pool", () => pool.end());
  await assertSchemaFits(pool, release);
  const ledger = values.ledgerDir === undefined ? undefined : await openLedger(values.ledgerDir, AT);
  if (ledger !== undefined) shutdown.onClose("ledger", () => ledger.close());

  let sequence = 0;
  const deps = { pool, release, writer, ledger, clock: systemClock };
  const { signal } = shutdown;
  const ticking = keepTrying(
    async (succeeded) => {
      // A tick whose outcome is unknown is not written again: the next has a number of its own.
      await writeTick(deps, ++sequence);
      succeeded();
      seen.ticks += 1;
      if (!seen.isHealthy) service.logger.info(AT, "roundtable is up", { tickMs: values.tickMs });
      seen.isHealthy = true;
      await sleepUnlessStopped(systemClock, values.tickMs, signal);
    },
    { at: AT, logger: service.logger, signal },
  );
  shutdown.onClose("tick", async () => ticking.catch(() => undefined));
  await ticking;
  service.logger.info(AT, "stopped", { ticks: seen.ticks });
}

const logger = createLogger({ service: "roundtable" });
await runProgram({ logger, at: AT, main: (shutdown) => main(logger, shutdown) });
