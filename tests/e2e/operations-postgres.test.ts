// PostgreSQL killed under an operation, in a whole installation: the run ends, and nothing completed runs again.
import { startTemporaryInstallation } from "@tidegate/cli/temporary-installation";
import { Secret, waitUntil } from "@tidegate/kernel";
import { createPool, embeddedUrl } from "@tidegate/postgres";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ledgerFaults } from "../operations/ledger.ts";

const KILLS = 2;

it("finishes a run under which PostgreSQL is killed", async () => {
  const installation = await startTemporaryInstallation(["--only", "postgres,operator"]);
  try {
    const { home, ports, tidegate } = installation;
    const runId = tidegate([
      "rehearse",
      "apply",
      "--set",
      "steps=25",
      "--set",
      "stepMs=300",
      "--yes",
      "--detach",
    ]).trim();
    const cluster = join(home, "postgres", "cluster");
    for (let kill = 0; kill < KILLS; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      // The postmaster: its children see its end and go too.
      process.kill(Number(readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n")[0]), "SIGKILL");
      await waitUntil(() => (tidegate(["status"], true).includes("running") ? true : undefined), {
        what: "Something running",
        limitMs: 30_000,
        remedy: "",
      });
    }
    const state = await waitUntil(
      () => {
        const text = tidegate(["runs", "show", runId, "--json"], true);
        const run = (text === "" ? {} : JSON.parse(text)) as { readonly state?: string };
        return ["succeeded", "failed", "cancelled"].includes(run.state ?? "") ? run : undefined;
      },
      { what: "The end of the run", limitMs: 120_000, everyMs: 500, remedy: "" },
    );
    expect(state, JSON.stringify(state)).toMatchObject({ state: "succeeded" });
    const url = await embeddedUrl({ dataDir: join(home, "postgres"), port: ports.postgres });
    const pool = createPool({ url: new Secret(url.reveal()), applicationName: "ground truth", max: 2 });
    try {
      expect(await ledgerFaults(pool)).toEqual([]);
      const { rows } = await pool.query(
        "SELECT count(DISTINCT step)::int AS n FROM rehearsal.ledger WHERE run_id = $1",
        [runId],
      );
      expect(rows).toEqual([{ n: 25 }]);
    } finally {
      await pool.end();
    }
  } finally {
    installation.remove();
  }
});
