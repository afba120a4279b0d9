// The processes adapter passes the suite of the port, with a supervisor in a process of its own.
import { workloadsConformance } from "../conformance.ts";
import { CRASHER, IDLER, SERVER } from "../testing/sample-programs.ts";
import { createTemporaryInstallation, freePorts } from "../testing/temporary-installation.ts";

workloadsConformance({
  adapter: "processes",
  open: async () => {
    const installation = createTemporaryInstallation();
    const port = await freePorts(3);
    const writer = { port, health: { path: "/", everyMs: 200 } };
    installation.release("first", { writer: { ...writer, program: SERVER }, reader: { program: IDLER } });
    installation.release("second", { writer: { ...writer, program: SERVER }, reader: { program: IDLER } });
    installation.release("broken", { writer: { program: CRASHER } });
    await installation.workloads.ensure("writer", { release: "first", desiredCount: 1 });
    await installation.workloads.ensure("reader", { release: "first", desiredCount: 1 });
    await installation.supervise();
    return {
      workloads: installation.workloads,
      releases: { first: "first", second: "second", broken: "broken" },
      countOutside: async (service) => installation.living().filter((one) => one.service === service).length,
      close: async () => installation.close(),
    };
  },
});
