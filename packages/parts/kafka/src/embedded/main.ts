// The program `kafka` of a local installation: prepares the broker, then becomes it. Killed with -9, the broker itself is gone, and
// started again it recovers its log.
import { createLogger, loadSettings, runProgram, setting, TidegateError, wholeNumber } from "@tidegate/kernel";
import * as z from "zod";
import { whichProgram } from "./which-program.ts";
import { prepareBroker } from "./prepare-broker.ts";

const settings = {
  dataDir: setting({
    schema: z.string().min(1),
    env: ["TIDEGATE_KAFKA_DATA_DIR"],
    flag: "data-dir",
    describe: "Folder for the broker's log and settings",
  }),
  port: setting({
    schema: wholeNumber({ min: 1, max: 65_535 }),
    env: ["TIDEGATE_KAFKA_PORT"],
    flag: "port",
    describe: "Port for clients, on 127.0.0.1",
  }),
  controllerPort: setting({
    schema: wholeNumber({ min: 1, max: 65_535 }),
    env: ["TIDEGATE_KAFKA_CONTROLLER_PORT"],
    flag: "controller-port",
    describe: "Port for the controller, on 127.0.0.1",
  }),
};

const logger = createLogger({ service: "kafka" });

async function main(): Promise<void> {
  const { values } = loadSettings(settings, { argv: process.argv.slice(2), env: process.env });
  const { program, args } = await prepareBroker(values.dataDir, values);
  const path = whichProgram(program);
  if (path === undefined || process.execve === undefined) {
    throw new TidegateError({
      code: "kafka.start-failed",
      message: `The broker cannot be started: ${path === undefined ? "java is not on the PATH" : "this Node cannot replace its process"}.`,
      remedy: "Install Java 17 or newer, and run this with the project's own Node on Linux.",
    });
  }
  logger.info("embedded/main.ts#main", "The broker is prepared; becoming it", { port: values.port });
  process.execve(path, [program, ...args], process.env);
}

await runProgram({ logger, at: "embedded/main.ts#main", main });
