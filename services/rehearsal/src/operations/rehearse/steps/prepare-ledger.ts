// Creates the ledger's tables where they are missing; harmless when they are there.
import { fileURLToPath } from "node:url";
import type { StepContext } from "@tidegate/engine";
import { migrate, type Pool, type PoolClient } from "@tidegate/postgres";

const DIRECTORY = fileURLToPath(new URL("../../../migrations", import.meta.url));

export async function prepareLedger(pool: Pool, step: StepContext): Promise<readonly string[]> {
  const guard = async (client: PoolClient): Promise<void> => step.fence.check(client);
  const applied = await migrate({ pool, directory: DIRECTORY, owner: "rehearsal", guard });
  return applied.map((one) => one.fileName);
}
