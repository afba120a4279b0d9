// The processes adapter passes the suite of the port, with a supervisor in a process of its own.
import { workloadsConformance } from "../conformance.ts";
import { CRASHER, IDLER, SERVER } from "../testing/sample-programs.ts";
import { createTemporaryInstallation, freePorts } from "../testing/temporary-installation.ts";

workloadsConformance({
  adapter: "processes",
  // Five failures in a row, with the pauses between them, take 15 s of a machine that has nothing else to do.
  limitMs: 45_000,
  open: async () => {
    const installation = createTemporaryInstallation();
    const port = await freePorts(3);
    const writer = { port, health: { path: "/", everyMs: 200 } };
    installation.release("first", { writer: { ...writer, program: SERVER }, reader: { program: IDLER } });
    installation.release("second", { writer: { ...writer, program: SERVER }, reader: { program: IDLER } });
    // With a health check: without one it counts as healthy after a second, which is how long a busy machine may take to start it.
    installation.release("broken", { writer: { ...writer, program: CRASHER } });
    await installation.workloads.ensure("writer", { release: "first", desiredCount: 1 });
    await installation.workloads.ensure("reader", { release: "first", desiredCount: 1 });
    await installation.supervise();
    return {
      workloads: installation.workloads,
      releases: { first: "first", second: "second", broken: "broken" },
      target: (release) => ({ release }),
      countOutside: async (service) => installation.living().filter((one) => one.service === service).length,
      close: async () => installation.close(),
    };
  },
});
