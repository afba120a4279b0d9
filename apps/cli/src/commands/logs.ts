// `tidegate logs SERVICE`: the last lines of a service's log, and with --follow those to come.
import { ConfigInvalid, EXIT, type ExitCode } from "@tidegate/kernel";
import { createProcessWorkloads, readLogs } from "@tidegate/workloads";
import { readInstallation, type CommandInput } from "../installation/command-input.ts";

export interface LogsInput extends CommandInput {
  readonly service: string;
  readonly isFollowing: boolean;
  readonly lines: string;
}

/** Prints lines as they are in the file, to stdout. Throws UnknownService for a service that has never run here. */
export async function logs(input: LogsInput): Promise<ExitCode> {
  const { paths } = readInstallation(input);
  if (!/^\d{1,7}$/.test(input.lines)) {
    throw new ConfigInvalid([
      { path: "--lines", value: JSON.stringify(input.lines), problem: "must be a whole number from 0 to 9999999" },
    ]);
  }
  await createProcessWorkloads({ stateDir: paths.state, releasesDir: paths.releases }).describe(input.service);
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  for await (const line of readLogs({
    stateDir: paths.state,
    service: input.service,
    follow: input.isFollowing,
    lines: Number(input.lines),
    signal: interrupt.signal,
  })) {
    input.terminal.data(line);
  }
  return interrupt.signal.aborted ? EXIT.interrupted : EXIT.ok;
}
