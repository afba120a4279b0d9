// What the pieces of the volatile engine share.
import type { Clock, Secret } from "@tidegate/kernel";
import type { EngineEvent } from "../events/engine-event.ts";
import type { Registry } from "../operation/registry.ts";
import type { EventExtras } from "../projection/apply-event.ts";
import type { Memory } from "./memory.ts";

export interface VolatileDeps {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly secrets: readonly Secret[];
  readonly memory: Memory;
  readonly emit: (event: EngineEvent, extras: EventExtras) => void;
  /** Aborted when the engine stops. */
  readonly halt: AbortSignal;
}
