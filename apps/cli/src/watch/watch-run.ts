// Watches a run to its end: drawn live on a terminal, a line per event elsewhere, JSON lines with --json.
import { runDetailSchema, type RunDetailView } from "@tidegate/contract";
import { EXIT, type ExitCode } from "@tidegate/kernel";
import type { OperatorClient } from "../operator-client/create-client.ts";
import { followEvents } from "../operator-client/follow-events.ts";
import { tellRunError } from "../terminal/tell-run-error.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { drawPicture } from "./draw-picture.ts";
import { eventLine } from "./event-line.ts";
import { createLiveScreen } from "./live-screen.ts";
import { addEvent, newPicture, type RunPicture } from "./run-picture.ts";

export interface WatchInput {
  readonly terminal: Terminal;
  readonly client: OperatorClient;
  readonly runId: string;
  readonly isJson: boolean;
}

const FRAME_MS = 100;

/** 0 when the run succeeded, 1 when it failed, 130 when it was cancelled or the watcher left; the run goes on without a watcher. */
export async function watchRun(input: WatchInput): Promise<ExitCode> {
  const { client, runId } = input;
  // An unknown run is refused before anything is drawn.
  await client.get(`/v1/runs/${encodeURIComponent(runId)}`, runDetailSchema);
  const leaving = new AbortController();
  const leave = (): void => leaving.abort(new Error("left by Ctrl-C"));
  process.once("SIGINT", leave);
  try {
    await (input.isJson || !input.terminal.isInteractive
      ? tellEvents(input, leaving.signal)
      : drawLive(input, leaving.signal));
  } finally {
    process.off("SIGINT", leave);
  }
  if (leaving.signal.aborted) {
    input.terminal.talk(`The run goes on. Come back with: tidegate runs watch ${runId}`);
    input.terminal.talk(`End it with:                    tidegate runs cancel ${runId}`);
    return EXIT.interrupted;
  }
  return ending(input, await client.get(`/v1/runs/${encodeURIComponent(runId)}`, runDetailSchema));
}

async function tellEvents({ terminal, client, runId, isJson }: WatchInput, signal: AbortSignal): Promise<void> {
  for await (const followed of followEvents(client, runId, signal)) {
    if (followed.kind === "away") terminal.talk("The operator does not answer; waiting for it to come back ...");
    else if (followed.kind === "back") terminal.talk("The operator is back.");
    else if (isJson) terminal.data(JSON.stringify(followed.event));
    else {
      const line = eventLine(followed.event);
      if (line !== undefined) terminal.talk(line);
    }
  }
}

async function drawLive({ terminal, client, runId }: WatchInput, signal: AbortSignal): Promise<void> {
  let picture: RunPicture = newPicture(runId);
  let isAway = false;
  const screen = createLiveScreen(terminal.screen);
  const draw = (): void => {
    const { columns, rows } = terminal.size();
    const style = terminal.style;
    const lines = drawPicture(picture, { nowMs: Date.now(), columns, rows, style });
    screen.draw(
      isAway ? [...lines, style("yellow", "  The operator does not answer; waiting for it to come back ...")] : lines,
    );
  };
  const frames = setInterval(draw, FRAME_MS);
  try {
    for await (const followed of followEvents(client, runId, signal)) {
      if (followed.kind === "event") picture = addEvent(picture, followed.event);
      isAway = followed.kind === "away";
    }
    draw();
  } finally {
    clearInterval(frames);
    screen.end();
  }
}

function ending({ terminal, isJson, runId }: WatchInput, run: RunDetailView): ExitCode {
  if (isJson) return exitOf(run);
  if (run.state === "succeeded") {
    if (run.result !== undefined) terminal.data(JSON.stringify(run.result));
    terminal.talk(`${terminal.style("green", "Done.")} All of it: tidegate runs show ${runId}`);
  } else if (run.state === "failed" && run.error !== null) tellRunError(terminal, run);
  else if (run.state === "cancelled") terminal.talk(`Cancelled. Run it again: tidegate runs retry ${runId}`);
  return exitOf(run);
}

function exitOf(run: RunDetailView): ExitCode {
  if (run.state === "succeeded") return EXIT.ok;
  return run.state === "cancelled" ? EXIT.interrupted : EXIT.failed;
}
