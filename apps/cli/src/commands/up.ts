// `tidegate up`: checks first, then runs the supervisor over the installation's release and shows how it goes.
import { EXIT, type ExitCode } from "@tidegate/kernel";
import { createProcessWorkloads, createSupervisor } from "@tidegate/workloads";
import { readInstallation, type UpInput } from "../installation/command-input.ts";
import { externalParts } from "../installation/installed.ts";
import { bringParts } from "../installation/bring-parts.ts";
import { preflight } from "../installation/preflight.ts";
import { prepareRelease } from "../installation/prepare-release.ts";
import { readComponents } from "../installation/read-components.ts";
import { stopSurvivors } from "../installation/stop-survivors.ts";
import { serviceEnvironment } from "../installation/service-environment.ts";
import { waitForHealthy } from "../installation/wait-for-healthy.ts";
import { onFirstSignal } from "../terminal/on-first-signal.ts";
import { showProgress } from "../terminal/show-progress.ts";
import { statusLines } from "../terminal/status-lines.ts";
import { tellSupervisorEvent } from "../terminal/tell-supervisor-event.ts";
import { upDetached } from "./up-detached.ts";

/** Runs until a signal or `tidegate down`; then everything is stopped in order. Exit 130 after Ctrl-C, 0 after a stop. */
export async function up(input: UpInput): Promise<ExitCode> {
  const { terminal } = input;
  terminal.talk(terminal.style("dim", "Checking ..."));
  const installation = readInstallation(input);
  const { paths } = installation;
  const workloads = createProcessWorkloads({ stateDir: paths.state, releasesDir: paths.releases });
  await preflight(installation, workloads);
  if (input.isDetached) return upDetached(input, installation, workloads);

  const off = await bringParts(installation.config, (line) => terminal.talk(terminal.style("dim", line)));
  const release = await prepareRelease(installation, workloads, off);
  const services = Object.keys(release.services);
  const signals = onFirstSignal(terminal);
  const supervisor = createSupervisor({
    stateDir: paths.state,
    baseEnv: await serviceEnvironment(installation, input.env, off),
    onEvent: (event) => tellSupervisorEvent(terminal, event),
  });
  const running = supervisor.run({ signal: signals.signal });
  try {
    await Promise.race([running, waitForHealthy(workloads, services, signals.signal)]);
    const shown = { external: externalParts(installation.config), off };
    for (const line of statusLines(terminal, shown, await readComponents(workloads))) terminal.talk(line);
    await Promise.race([running, showProgress(terminal, installation, signals.signal)]);
    await running;
  } finally {
    signals.abort(new Error("up has ended"));
    // Resolves when everything has been drained; a supervisor that could not start throws here as it did above.
    await running.finally(() => signals.release());
    await stopSurvivors(paths);
    terminal.talk(`Everything is stopped. The data stays in ${paths.home}; \`tidegate up\` goes on with it.`);
  }
  return signals.received() === "SIGINT" ? EXIT.interrupted : EXIT.ok;
}
