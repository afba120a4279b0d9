// The product's main job on real input: after blocks of live traffic, every table is what the traffic's ledger says, row by row.
import { startTemporaryInstallation, type TemporaryInstallation } from "@tidegate/cli/temporary-installation";
import { waitUntil } from "@tidegate/kernel";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compareWithLedger } from "../market/compare-with-ledger.ts";
import { quiet } from "../market/quiet.ts";

const SEED = Number(process.env["SEED"] ?? 42);
/** Chain time goes by the second a block: the example's requests live 20 to 120 s, so by then some have expired or were slashed. */
const BLOCKS = 160;
const FAST_BLOCKS = { TIDEGATE_CHAIN_BLOCK_TIME_MS: "200" };

let installation: TemporaryInstallation;
beforeAll(async () => {
  installation = await startTemporaryInstallation(
    ["--traffic-rate", "20", "--traffic-seed", String(SEED)],
    FAST_BLOCKS,
  );
});
afterAll(() => installation.remove());

it(`equals the ledger after ${BLOCKS} blocks (SEED=${SEED})`, async () => {
  await waitUntil(async () => ((await indexed(installation.ports.indexerHealth)) >= BLOCKS ? true : undefined), {
    what: `Block ${BLOCKS}`,
    limitMs: 150_000,
    everyMs: 500,
    remedy: "Look at the logs.",
  });
  const counts = await compareWithLedger(await quiet(installation));
  for (const [table, rows] of Object.entries(counts)) expect(rows, `rows of ${table}`).toBeGreaterThan(0);
});

async function indexed(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/health`);
  return ((await response.json()) as { indexedBlock: number | null }).indexedBlock ?? 0;
}
