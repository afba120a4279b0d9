import { describeEngine } from "../conformance.ts";
import { createVolatileEngine } from "./create-volatile-engine.ts";

describeEngine("the volatile engine", {
  open: async (options) => createVolatileEngine(options),
  close: async (engine) => engine.stop(),
});
