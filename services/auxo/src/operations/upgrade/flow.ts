// What the pieces of one upgrade share.
import type { RunContext, RunFacts } from "@tidegate/engine";
import { TimedOut, type Clock } from "@tidegate/kernel";
import { LimitReached } from "../../errors.ts";
import type { FleetObservation, ServiceFacts, UpgradeInput } from "../../types.ts";
import type { Scene } from "./observe.ts";

export interface Upgrade {
  readonly context: RunContext;
  readonly scene: Scene;
  readonly clock: Clock;
  readonly input: UpgradeInput;
  readonly observation: FleetObservation;
  readonly writers: readonly ServiceFacts[];
  /** Services that get a new revision. */
  readonly changed: readonly ServiceFacts[];
  readonly isPlanned: (step: string) => boolean;
  /** What is left of the invocation that does this; undefined where nothing ends it. */
  readonly remainingMs: (() => number) | undefined;
}

export type UpgradeFacts = RunFacts<UpgradeInput, FleetObservation>;

/** The platform's API is asked again for about two minutes; what it refuses, at once. */
export const AGAIN = { attempts: 8, baseMs: 500, maxMs: 30_000 };

/** Bringing writers back is worth more patience than anything else. */
export const BY_ALL_MEANS = { attempts: 30, baseMs: 500, maxMs: 30_000 };

/** The room beside the fleet's own limits, within which a step ends by itself. */
export const STEP_ROOM_MS = 60_000;

/** What went wrong while something was done; undefined when it went well. */
export async function failureOf(work: () => Promise<unknown>): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** A step is tried again after trouble with the platform, but not after a wait that had its limit. Throws LimitReached. */
export async function withinLimit<T>(wait: () => Promise<T>): Promise<T> {
  try {
    return await wait();
  } catch (error) {
    if (error instanceof TimedOut) throw new LimitReached({ cause: error });
    throw error;
  }
}
