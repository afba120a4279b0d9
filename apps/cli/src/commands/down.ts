// `tidegate down`: stops the installation in order, through its supervisor, or without one when that was killed.
import { EXIT, waitUntil, type ExitCode } from "@tidegate/kernel";
import { createProcessWorkloads, findSupervisor, stopAll } from "@tidegate/workloads";
import { readInstallation, type CommandInput } from "../installation/command-input.ts";
import { stopSurvivors } from "../installation/stop-survivors.ts";
import { readComponents } from "../installation/read-components.ts";

/** A stop drains each service within its own limit; all of them together within this. */
const STOP_LIMIT_MS = 120_000;

/** Exit 0 when nothing of the installation runs any more, also when nothing ran before. */
export async function down(input: CommandInput): Promise<ExitCode> {
  const { terminal } = input;
  const { paths } = readInstallation(input);
  const supervisor = findSupervisor(paths.state);
  if (supervisor !== undefined) {
    terminal.talk(`Stopping in order (supervisor ${supervisor.pid}) ...`);
    process.kill(supervisor.pid, "SIGTERM");
    await waitUntil(() => (findSupervisor(paths.state) === undefined ? true : undefined), {
      what: `The end of the supervisor ${supervisor.pid}`,
      limitMs: STOP_LIMIT_MS,
      remedy: `Look at what still runs with \`tidegate status\`. A supervisor that hangs may be killed (kill -9 ${supervisor.pid}); run \`tidegate down\` again then.`,
    });
  }
  // A supervisor that was killed leaves its services running; one that stopped leaves nothing, and this finds nothing.
  const workloads = createProcessWorkloads({ stateDir: paths.state, releasesDir: paths.releases });
  const living = (await readComponents(workloads)).filter((one) => one.pid !== null);
  if (living.length > 0) await stopAll({ stateDir: paths.state });
  const survivors = await stopSurvivors(paths);
  if (supervisor === undefined && living.length + survivors === 0)
    terminal.talk(`Nothing of ${paths.home} was running.`);
  else terminal.talk(`Everything is stopped. The data stays in ${paths.home}; \`tidegate up\` goes on with it.`);
  return EXIT.ok;
}
