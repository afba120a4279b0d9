// Creates the ledger's tables where they are missing; harmless when they are there.
import { fileURLToPath } from "node:url";
import { migrate, type Pool } from "@tidegate/postgres";

const DIRECTORY = fileURLToPath(new URL("../../../migrations", import.meta.url));

export async function prepareLedger(pool: Pool): Promise<readonly string[]> {
  return (await migrate({ pool, directory: DIRECTORY, owner: "rehearsal" })).map((one) => one.fileName);
}
