// Settings of the program `postgres` (main.ts), which a supervisor runs.
import { setting, wholeNumber } from "@tidegate/kernel";
import * as z from "zod";

const port = wholeNumber({ min: 0, max: 65_535 });

export const settings = {
  dataDir: setting({
    schema: z.string({ error: "must be a path" }).min(1, { error: "must be a path" }),
    env: ["TIDEGATE_POSTGRES_DATA_DIR"],
    flag: "data-dir",
    describe: "folder of the cluster, its password and connection.json; made when missing",
  }),
  port: setting({
    schema: port.default(54_320),
    env: ["TIDEGATE_POSTGRES_PORT"],
    flag: "port",
    describe: "port of the server on 127.0.0.1; 0 takes a free one",
  }),
  moreDatabases: setting({
    schema: z
      .string()
      .regex(/^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*$/, { error: "must be names of databases, comma-separated" })
      .transform((text) => text.split(","))
      .optional(),
    env: ["TIDEGATE_POSTGRES_MORE_DATABASES"],
    flag: "more-databases",
    describe: "databases that are made besides tidegate, when missing",
  }),
  healthPort: setting({
    schema: port.optional(),
    env: ["TIDEGATE_POSTGRES_HEALTH_PORT"],
    flag: "health-port",
    describe: "port on 127.0.0.1 that answers GET /health; none when not set",
  }),
};
