// What a run would do, before it does it.

export interface PlanStep {
  /** Unique in the plan; the name of the run's step that does it, where there is exactly one. */
  readonly name: string;
  /** What it changes, as a sentence: "Adds 3 partitions to topic `to-vulcan` (2 → 5)". */
  readonly change: string;
  /** True when data is gone afterwards. */
  readonly destroys: boolean;
  /** How it is undone; null when it cannot be. */
  readonly undo: string | null;
}

/** What `plan` of an operation returns. */
export interface PlanDraft {
  /** What is worked on, by the name that a person must type before anything is destroyed: "fleet main", a database, a cluster. */
  readonly target: string;
  /** One sentence. */
  readonly summary: string;
  /** Empty when there is nothing to do. */
  readonly steps: readonly PlanStep[];
  /** What the reader should know besides: estimates, what is left alone, what cannot be undone as a whole. Not part of the digest. */
  readonly notes?: readonly string[];
}

/** A stored plan. `apply` runs exactly this one, or refuses. */
export interface Plan {
  readonly id: string;
  readonly operation: string;
  readonly version: number;
  /** As given, validated. */
  readonly input: unknown;
  readonly observation: unknown;
  readonly draft: PlanDraft;
  /** sha-256, hex, of operation, version, input, observation without its volatile paths, and the draft without its notes. */
  readonly digest: string;
  readonly createdBy: string;
  readonly createdAt: Date;
}

export const hasChanges = (draft: PlanDraft): boolean => draft.steps.length > 0;
export const destroys = (draft: PlanDraft): boolean => draft.steps.some((step) => step.destroys);
