// What a fleet stands on: its workloads, images and functions, on AWS or on this machine.
import type { Functions } from "@tidegate/functions";
import type { Images } from "@tidegate/images";
import type { Workloads } from "@tidegate/workloads";
import type { Fleet } from "../fleet/fleet-schema.ts";
import type { ResourceNames } from "../fleet/name-resources.ts";

export interface Platform {
  readonly workloads: Workloads;
  readonly images: Images;
  readonly functions: Functions;
  /** Longest that a new definition may take to be usable. */
  readonly registerMs: number;
  /** Between two looks at what was begun. */
  readonly pollMs: number;
}

/** Clients are opened per region and kept; a platform is cheap to ask for. Throws PartIsOff where something is not configured. */
export type OpenPlatform = (fleet: Fleet, names: ResourceNames) => Platform;
