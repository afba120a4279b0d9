import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterAll, beforeAll } from "vitest";
import { describeEngine } from "../conformance.ts";
import { createDurableEngine } from "./create-durable-engine.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => database.drop());

describeEngine("the durable engine", {
  open: async (options) =>
    createDurableEngine({
      ...options,
      url: database.url,
      onLost: (error) => {
        throw error;
      },
    }),
  close: async (engine) => engine.stop(),
});
