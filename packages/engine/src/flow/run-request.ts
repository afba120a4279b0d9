// What a run was started with: the one argument of the workflow, so DBOS's history alone tells all of a run.
import { decode, encode } from "../journal/codec.ts";
import type { Secret } from "@tidegate/kernel";

/**
 * What was agreed to when the run was started, and so what the plan that it makes under its lock is held to:
 * an approved plan, which must hold in every place; a target, which data may be destroyed of (null: of none); a contract, which says itself what happens.
 */
export type Consent =
  | { readonly to: "plan" }
  | { readonly to: "target"; readonly target: string | null }
  | { readonly to: "contract" };

export interface RunRequest {
  readonly runId: string;
  readonly operation: string;
  readonly version: number;
  readonly title: string;
  /** As it was given; each execution validates it again, with the operation's schema of the same version. */
  readonly input: unknown;
  readonly by: string;
  readonly reason: string | null;
  readonly key: string | null;
  readonly lock: string | null;
  readonly lockWaitMs: number;
  readonly planId: string | null;
  readonly consent: Consent;
  readonly parentId: string | null;
  /** Runs above this one, whose locks it may work under. */
  readonly ancestors: readonly string[];
  readonly createdAt: Date;
}

export function encodeRequest(request: RunRequest, secrets: readonly Secret[]): string {
  return encode(request, { what: `The input of ${request.operation}`, secrets });
}

export function decodeRequest(text: string): RunRequest {
  // Written by encodeRequest alone; before there was a consent, every run was held to its plan.
  return {
    consent: { to: "plan" },
    ...(decode(text) as Omit<RunRequest, "consent"> & Partial<Pick<RunRequest, "consent">>),
  };
}

/** What DBOS keeps beside the input, so that it can be asked for without decoding. */
export interface RunAttributes {
  readonly operation: string;
  readonly version: number;
}

export const QUEUE_PREFIX = "tidegate:";

/** Only executors that have this version of the operation listen to it. */
export function queueOf(operation: { readonly name: string; readonly version: number }): string {
  return `${QUEUE_PREFIX}${operation.name}@${operation.version}`;
}

/** The one workflow that DBOS knows; operations are its argument. */
export const WORKFLOW_NAME = "tidegate.run";
