// The program `redis` of a local installation: becomes the machine's redis-server. Killed with -9, the server itself is gone, and started
// again it reads its append-only file.
import { mkdirSync } from "node:fs";
import { createLogger, loadSettings, PartIsOff, runProgram, setting, wholeNumber } from "@tidegate/kernel";
import * as z from "zod";
import { findServer, redisOff } from "./find-server.ts";
import { serverArguments } from "./server-arguments.ts";

const settings = {
  dataDir: setting({
    schema: z.string().min(1),
    env: ["TIDEGATE_REDIS_DATA_DIR"],
    flag: "data-dir",
    describe: "Folder for the append-only file",
  }),
  port: setting({
    schema: wholeNumber({ min: 1, max: 65_535 }),
    env: ["TIDEGATE_REDIS_PORT"],
    flag: "port",
    describe: "Port on 127.0.0.1",
  }),
};

const logger = createLogger({ service: "redis" });

async function main(): Promise<void> {
  const { values } = loadSettings(settings, { argv: process.argv.slice(2), env: process.env });
  const server = findServer();
  if (server === undefined || process.execve === undefined) {
    const off = redisOff() ?? { reason: "this Node cannot replace its process", remedy: "Run it on Linux." };
    throw new PartIsOff({ part: "redis", ...off });
  }
  mkdirSync(values.dataDir, { recursive: true });
  logger.info("embedded/main.ts#main", "Becoming the server", { port: values.port, program: server.path });
  process.execve(server.path, [server.argv0, ...serverArguments(values)], process.env);
}

await runProgram({ logger, at: "embedded/main.ts#main", main });
