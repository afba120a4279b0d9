// `tidegate status`: address, pid and state of every part and service; 0 when all that should run is healthy, else 69.
import { EXIT, type ExitCode } from "@tidegate/kernel";
import { createProcessWorkloads, findSupervisor } from "@tidegate/workloads";
import { readInstallation, type CommandInput } from "../installation/command-input.ts";
import { readInstalled } from "../installation/installed.ts";
import { readComponents } from "../installation/read-components.ts";
import { statusLines } from "../terminal/status-lines.ts";

export async function status(input: CommandInput): Promise<ExitCode> {
  const { terminal } = input;
  const installation = readInstallation(input);
  const { paths } = installation;
  const installed = readInstalled(paths.home);
  const { external, off } = installed;
  const workloads = createProcessWorkloads({ stateDir: paths.state, releasesDir: paths.releases });
  const components = await readComponents(workloads);
  const supervisor = findSupervisor(paths.state);
  const wanted = components.filter((one) => one.desiredCount > 0);
  const isHealthy = supervisor !== undefined && wanted.length > 0 && wanted.every((one) => one.state === "running");

  if (input.isJson) {
    const parts = components.filter((one) => one.kind === "part");
    const services = components.filter((one) => one.kind === "service");
    const { home } = paths;
    terminal.data(
      JSON.stringify(
        {
          home,
          isHealthy,
          supervisor: supervisor === undefined ? null : { pid: supervisor.pid },
          external,
          off,
          parts,
          services,
        },
        undefined,
        2,
      ),
    );
  } else if (components.every((one) => one.pid === null) && supervisor === undefined) {
    terminal.talk(`Nothing of ${paths.home} runs. Start it with \`tidegate up\`.`);
  } else {
    for (const line of statusLines(terminal, installed, components)) terminal.data(line);
    if (supervisor === undefined)
      terminal.talk("Nobody supervises these processes: `tidegate up` adopts them, `tidegate down` stops them.");
  }
  return isHealthy ? EXIT.ok : EXIT.partDown;
}
