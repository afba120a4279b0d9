// The operation `upgrade`: 1. Bazooka  2. the writers stop  3. the database  4. definitions are registered, services rolled  5. the writers start
// 6. every service is stable, and healthy where that was asked for  7. a last look. Its order of effects is the document's.
import { defineOperation, type Operation, type RunContext } from "@tidegate/engine";
import type { Clock } from "@tidegate/kernel";
import { fleetNamed, type Fleets } from "../../fleet/load-fleets.ts";
import { nameResources } from "../../fleet/name-resources.ts";
import type { OpenPlatform } from "../../platform/platform.ts";
import { upgradeInput, type FleetObservation, type UpgradeInput, type UpgradeResult } from "../../types.ts";
import type { Upgrade, UpgradeFacts } from "./flow.ts";
import { observeFleet, type Scene } from "./observe.ts";
import { planUpgrade } from "./plan.ts";
import { runUpgrade } from "./run-upgrade.ts";

export interface UpgradeDeps {
  readonly fleets: Fleets;
  /** Of events that name none. */
  readonly defaultFleet: string;
  readonly open: OpenPlatform;
  readonly clock: Clock;
  /** Set where an invocation with a deadline of its own does the work. */
  readonly deadline?: { remainingMs?: () => number };
}

export function createUpgrade(deps: UpgradeDeps): Operation<UpgradeInput, FleetObservation, UpgradeResult> {
  const sceneOf = (input: UpgradeInput): Scene => {
    const fleet = fleetNamed(deps.fleets, input.fleet ?? deps.defaultFleet);
    const names = nameResources(fleet, input);
    return { fleet, names, platform: deps.open(fleet, names) };
  };
  return defineOperation({
    name: "upgrade",
    title: "Upgrade a fleet of services around one database",
    input: upgradeInput,
    danger: "changes",
    volatile: ["services.*.counts", "services.*.notes"],
    observe: async (input: UpgradeInput, { signal }) => observeFleet(sceneOf(input), input, signal),
    plan: (input: UpgradeInput, observation: FleetObservation) =>
      planUpgrade(input, observation, fleetNamed(deps.fleets, input.fleet ?? deps.defaultFleet)),
    lock: (input: UpgradeInput) => {
      const fleet = fleetNamed(deps.fleets, input.fleet ?? deps.defaultFleet);
      const { cluster, region } = nameResources(fleet, input);
      return `fleet:${fleet.platform === "ecs" ? `${region ?? ""}/${cluster}` : fleet.name}`.slice(0, 200);
    },
    run: async (context, facts) => runUpgrade(upgradeOf(deps, sceneOf(facts.input), context, facts)),
  });
}

function upgradeOf(deps: UpgradeDeps, scene: Scene, context: RunContext, facts: UpgradeFacts): Upgrade {
  const { input, observation, plan } = facts;
  return {
    context,
    scene,
    clock: deps.clock,
    input,
    observation,
    writers: observation.services.filter((one) => one.isWriter),
    changed: observation.services.filter((one) => one.changes.length > 0),
    isPlanned: (step) => plan.steps.some((one) => one.name === step),
    remainingMs: deps.deadline?.remainingMs,
  };
}
