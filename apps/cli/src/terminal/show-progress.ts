// The live line under `tidegate up`: how far the chain is, how far the index, how fast.
import { systemClock } from "@tidegate/kernel";
import * as z from "zod";
import type { Installation } from "../installation/command-input.ts";
import type { Terminal } from "./terminal.ts";

const DRAWN_EVERY_MS = 1_000;
/** Where nobody looks at a terminal, a line each ten seconds is enough. */
const TOLD_EVERY_MS = 10_000;

const progressSchema = z.looseObject({
  head: z.number().nullable(),
  indexedBlock: z.number().nullable(),
  lagBlocks: z.number().nullable(),
  events: z.number(),
  eventsPerSecond: z.number(),
});

/** Draws until aborted; an indexer that does not answer is said, not hidden. */
export async function showProgress(terminal: Terminal, installation: Installation, signal: AbortSignal): Promise<void> {
  const url = `http://127.0.0.1:${installation.ports.indexerHealth}/health`;
  const everyMs = terminal.isInteractive ? DRAWN_EVERY_MS : TOLD_EVERY_MS;
  while (!signal.aborted) {
    const line = await progressLine(url);
    if (terminal.isInteractive) terminal.draw(line);
    else terminal.talk(line);
    await systemClock.sleep(everyMs, signal).catch(() => undefined);
  }
  terminal.drawn();
}

async function progressLine(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    const seen = progressSchema.parse(await response.json());
    const shown = (value: number | null): string => value?.toString() ?? "-";
    return `head ${shown(seen.head)}  indexed ${shown(seen.indexedBlock)}  lag ${shown(seen.lagBlocks)}  events ${seen.events} (${seen.eventsPerSecond.toFixed(1)}/s)`;
  } catch {
    return "The indexer does not answer; `tidegate status` tells more.";
  }
}
