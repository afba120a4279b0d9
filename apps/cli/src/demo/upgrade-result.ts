// How an upgrade ended, told as a sentence: the writers' pause, and what it was made of.
import type { ChapterInput } from "./chapter.ts";

export interface UpgradeRun {
  readonly id: string;
  readonly state: string;
  readonly fence: number;
  readonly executor: string | null;
  readonly steps: ReadonlyArray<{ readonly name: string; readonly state: string }>;
  readonly error?: { readonly message: string } | null;
  readonly result?: {
    readonly tag: string;
    readonly writerPauseMs: number | null;
    readonly parts: { readonly drainMs: number; readonly migrateMs: number; readonly startMs: number } | null;
  };
}

export function tellResult(tell: ChapterInput["tell"], { id, state, error, result }: UpgradeRun): void {
  if (result === undefined || result.parts === null || result.writerPauseMs === null)
    return tell(`${id} ${state}: ${error?.message ?? "no writer was stopped"}`);
  const { drainMs, migrateMs, startMs } = result.parts;
  const rest = result.writerPauseMs - drainMs - migrateMs - startMs;
  tell(
    `${id} ${state}. The writers paused for ${result.writerPauseMs} ms: ${drainMs} to end, ${migrateMs} to migrate, ${startMs} to start, ${rest} for all else.`,
  );
}
