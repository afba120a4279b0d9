// What an operation is: a procedure with a plan, durable steps, a lock and a record.
import type { z } from "zod";
import type { RunContext } from "../context/run-context.ts";
import type { PlanDraft } from "../plan/plan.ts";

/** The worst that the operation may do: nothing, changes that can be undone or redone, or data that is gone afterwards. */
export type Danger = "none" | "changes" | "destroys";

export interface ObserveContext {
  /** Aborted when the observation takes too long or nobody waits for it any more. */
  readonly signal: AbortSignal;
  readonly now: Date;
}

/** What a run was started for: the input, what was observed, and the plan that was made of both. */
export interface RunFacts<Input, Observation> {
  readonly input: Input;
  /** As the run itself observed it, under its lock; equal to what the plan was made of. */
  readonly observation: Observation;
  readonly plan: PlanDraft;
}

export interface Operation<Input = unknown, Observation = unknown, Result = unknown> {
  /** kebab-case verb, unique in an installation: `upgrade`. */
  readonly name: string;
  /**
   * Raise it when the order or the names of steps change: runs in flight finish on the version they began with. Keep the older
   * one registered until they have. Default 1.
   */
  readonly version: number;
  /** One line, for a person. */
  readonly title: string;
  /** Strict object; unknown fields are refused. Bigints are given as decimal strings (`z.coerce.bigint()` or a codec). */
  readonly input: z.ZodType<Input>;
  /** Only reads. Its result is journaled: plain data, bigints and dates allowed, no secrets. */
  readonly observe: (input: Input, context: ObserveContext) => Promise<Observation>;
  /** Pure: the same input and observation give the same plan. */
  readonly plan: (input: Input, observation: Observation) => PlanDraft;
  /**
   * Paths of the observation that may change between plan and apply without making the plan stale, `*` for any key or index:
   * `tables.*.rowEstimate`. Default none.
   */
  readonly volatile: readonly string[];
  /** The flow. Everything it does to the world is inside `context.step`. */
  readonly run: (context: RunContext, facts: RunFacts<Input, Observation>) => Promise<Result>;
  /** The name of what no two runs may work on at once, such as `fleet:main`; undefined for none. */
  readonly lock: (input: Input) => string | undefined;
  readonly danger: Danger;
}

// Registries and control hold operations of any input.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyOperation = Operation<any, any, any>;

/** `upgrade@1`: how engine and projection name one version of an operation. */
export function operationId(operation: Pick<AnyOperation, "name" | "version">): string {
  return `${operation.name}@${operation.version}`;
}
