// A supervisor in a process of its own, for tests that kill it: events go to stdout, one JSON line each; SIGTERM stops it in order.
import { serialiseError, TidegateError } from "@tidegate/kernel";
import { createSupervisor, type SupervisorOptions } from "../supervisor/create-supervisor.ts";

const [stateDir = "", options = "{}"] = process.argv.slice(2);
const supervisor = createSupervisor({
  ...(JSON.parse(options) as Partial<SupervisorOptions>),
  stateDir,
  onEvent: (event) => {
    const plain = "error" in event ? { ...event, error: serialiseError(event.error) } : event;
    process.stdout.write(`${JSON.stringify(plain)}\n`);
  },
});
process.once("SIGTERM", () => void supervisor.stop());
try {
  await supervisor.run();
} catch (error) {
  process.stderr.write(`${JSON.stringify(serialiseError(error))}\n`);
  process.exitCode = error instanceof TidegateError ? error.exit : 1;
}
