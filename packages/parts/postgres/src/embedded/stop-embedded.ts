// Stops the server of a data folder when nobody who launched it is left to do so.
import { existsSync } from "node:fs";
import { placeCluster } from "./cluster-place.ts";
import { removeEmbeddedConnection } from "./embedded-connection.ts";
import { postmasterOf } from "./find-survivor.ts";
import { readPostmasterPid } from "./postmaster-pid.ts";
import { serverAccount } from "./server-account.ts";
import { stopPostmaster } from "./stop-postmaster.ts";

/** Fast, then immediate after 10 s. Returns the pid of the server that it stopped, or undefined when none ran there. */
export async function stopEmbedded(options: { readonly dataDir: string }): Promise<number | undefined> {
  if (!existsSync(options.dataDir)) return undefined;
  const { clusterDir, dataDir } = await placeCluster(options.dataDir, await serverAccount());
  const file = await readPostmasterPid(clusterDir);
  const postmaster = file === undefined ? undefined : postmasterOf(file, clusterDir);
  if (postmaster === undefined) return undefined;
  await stopPostmaster(postmaster, "fast");
  await removeEmbeddedConnection(dataDir);
  return postmaster.pid;
}
