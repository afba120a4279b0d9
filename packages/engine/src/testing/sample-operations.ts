// Small operations that the conformance suite runs on every engine. What they do to the world is written down outside the engine.
import * as z from "zod";
import { defineOperation, type AnyOperation } from "../index.ts";
import type { RunContext } from "../context/run-context.ts";

/** What happened, in order; the suite's ground truth. */
export type Happened = string[];

export interface SampleOptions {
  readonly name: string;
  readonly run: (context: RunContext) => Promise<unknown>;
  readonly lock?: string;
  /** Given anew at each observation. */
  readonly observe?: () => unknown;
  readonly destroys?: boolean | ((observation: unknown) => boolean);
  readonly volatile?: readonly string[];
}

/** An operation around one flow, that takes any `{ tag }`. */
export function sampleOperation(options: SampleOptions): AnyOperation {
  const { lock } = options;
  return defineOperation({
    name: options.name,
    title: `Sample ${options.name}`,
    input: z.strictObject({ tag: z.string().default("") }),
    danger: "destroys",
    observe: async () => options.observe?.() ?? {},
    plan: (_input, observation) => ({
      target: "the sample",
      summary: "One step.",
      steps: [{ name: "do", change: "Does it", destroys: isDestroying(options, observation), undo: null }],
    }),
    ...(options.volatile === undefined ? {} : { volatile: options.volatile }),
    ...(lock === undefined ? {} : { lock: () => lock }),
    run: async (context) => options.run(context),
  });
}

function isDestroying({ destroys }: SampleOptions, observation: unknown): boolean {
  return typeof destroys === "function" ? destroys(observation) : destroys === true;
}
