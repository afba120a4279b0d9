// A run as lines for the terminal. Pure: the same picture and time give the same lines.
import type { ProgressView } from "@tidegate/contract";
import { duration } from "./duration.ts";
import type { RunPicture, StepPicture } from "./run-picture.ts";

type Style = (style: "bold" | "dim" | "red" | "green" | "yellow" | "cyan", text: string) => string;

export interface DrawOptions {
  readonly nowMs: number;
  readonly columns: number;
  /** Lines at most; the steps that ended first are left out, and counted. */
  readonly rows: number;
  readonly style: Style;
}

const SIGNS: Readonly<Record<StepPicture["state"], readonly [string, Parameters<Style>[0]]>> = {
  running: ["▸", "cyan"],
  waiting: ["…", "yellow"],
  succeeded: ["✓", "green"],
  failed: ["✗", "red"],
  interrupted: ["!", "yellow"],
};

export function drawPicture(picture: RunPicture, options: DrawOptions): readonly string[] {
  const { style, columns } = options;
  const steps = [...picture.steps.values()];
  const room = Math.max(3, options.rows - 4);
  const hidden = Math.max(0, steps.length - room);
  const takeovers =
    picture.takeovers === 0 ? "" : `, taken over ${picture.takeovers} time${picture.takeovers === 1 ? "" : "s"}`;
  const head = `${picture.runId}  ${picture.state}${takeovers}`;
  return [
    style("bold", cut(head, columns)),
    ...(picture.note === undefined ? [] : [cut(`  ${picture.note}`, columns)]),
    ...(picture.progress === undefined ? [] : [cut(`  ${progressText(picture.progress, undefined)}`, columns)]),
    ...(hidden === 0 ? [] : [style("dim", `  ${hidden} earlier steps ended`)]),
    ...steps.slice(hidden).map((step) => stepLine(step, options)),
  ];
}

function stepLine(step: StepPicture, { nowMs, columns, style }: DrawOptions): string {
  const [sign, colour] = SIGNS[step.state];
  const tookMs = (step.endedMs ?? nowMs) - step.startedMs;
  const tries = step.attempts > 1 ? `, try ${step.attempts}` : "";
  const kind = step.kind === "step" || step.kind === "undo" ? "" : ` (${step.kind})`;
  const progress =
    step.state === "running" && step.progress !== undefined ? `  ${progressText(step.progress, tookMs)}` : "";
  const note = step.note === undefined ? "" : `  ${step.note}`;
  const line = `${step.name}${kind}  ${duration(tookMs)}${tries}${progress}${note}`;
  return `  ${style(colour, sign)} ${cut(line, columns - 4)}`;
}

const BAR = 12;

/** A bar, the count, and how long it will take at the pace so far. */
export function progressText(progress: ProgressView, elapsedMs: number | undefined): string {
  const { done, total, unit, message } = progress;
  const words = message === undefined ? "" : `  ${message}`;
  const of = unit === undefined ? "" : ` ${unit}`;
  if (total === undefined || total <= 0) return `${done}${of}${words}`;
  const share = Math.min(1, Math.max(0, done / total));
  const filled = Math.round(share * BAR);
  const eta =
    elapsedMs === undefined || share <= 0 || share >= 1 ? "" : `, ${duration((elapsedMs * (1 - share)) / share)} left`;
  return `${"█".repeat(filled)}${"░".repeat(BAR - filled)} ${done}/${total}${of}${eta}${words}`;
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(1, columns - 1))}…`;
}
