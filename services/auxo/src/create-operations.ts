// Auxo's operation from its settings.
import type { Operation } from "@tidegate/engine";
import { systemClock, type Clock } from "@tidegate/kernel";
import type { AuxoConfig } from "./config.ts";
import { loadFleets } from "./fleet/load-fleets.ts";
import { createUpgrade, type UpgradeDeps } from "./operations/upgrade/operation.ts";
import { createOpenPlatform, type PlatformDeps } from "./platform/open-platform.ts";
import type { FleetObservation, UpgradeInput, UpgradeResult } from "./types.ts";

export interface AuxoDeps extends Pick<PlatformDeps, "env" | "aws"> {
  readonly config: AuxoConfig;
  readonly deadline?: UpgradeDeps["deadline"];
  readonly clock?: Clock;
}

/** Throws FleetInvalid, FleetUnknown. */
export function createUpgradeOperation(deps: AuxoDeps): Operation<UpgradeInput, FleetObservation, UpgradeResult> {
  const { config, env, aws, deadline, clock = systemClock } = deps;
  return createUpgrade({
    fleets: loadFleets(config.fleetsDir),
    defaultFleet: config.fleet,
    open: createOpenPlatform({ config, env, clock, ...(aws === undefined ? {} : { aws }) }),
    clock,
    ...(deadline === undefined ? {} : { deadline }),
  });
}
