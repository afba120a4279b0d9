// The embedded servers outlive their launchers on purpose; when a whole installation stops, what a killed launcher left is stopped too.
import { stopEmbeddedChain } from "@tidegate/chain";
import { stopEmbedded } from "@tidegate/postgres";
import type { InstallationPaths } from "./paths.ts";

/** Call when no launcher runs any more. Returns how many servers were stopped. */
export async function stopSurvivors(paths: InstallationPaths): Promise<number> {
  const anvils = await stopEmbeddedChain({ dataDir: paths.chain });
  const postgres = await stopEmbedded({ dataDir: paths.postgres });
  return anvils.length + (postgres === undefined ? 0 : 1);
}
