// The fleet as others use it: its releases, its traffic, and the check of what became of both.
import { fileURLToPath } from "node:url";

export { compareWithLedger, waitUntilConsumed, type CheckPlace, type Comparison } from "./check/compare-with-ledger.ts";
export type { Finding, Watermarks, WriterSpan } from "./check/fleet-facts.ts";
export type { VersionStretch } from "./check/summarise-versions.ts";
export { ENDER_TOPIC, SERVICES, TRADES_TOPIC, VULCAN_TOPIC, type Fault, type ServiceName } from "./constants.ts";
export { writeMigrations } from "./write-migrations.ts";
export { FLEET_MIGRATIONS, writeFleetRelease, type FleetReleaseOptions } from "./write-release.ts";

/** The program that sends the traffic; its settings come from the environment. */
export const TRAFFIC_PROGRAM = fileURLToPath(new URL("traffic/main.ts", import.meta.url));
