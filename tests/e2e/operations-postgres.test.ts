// PostgreSQL killed under an operation, in a whole installation: the run ends, and nothing completed runs again.
import { startTemporaryInstallation } from "@tidegate/cli/temporary-installation";
import { waitUntil } from "@tidegate/kernel";
import { join } from "node:path";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { ledgerFaults, readLedger, type Said } from "../operations/ledger.ts";

const KILLS = 2;

it("finishes a run under which PostgreSQL is killed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-ledger-"));
  const ledger = join(folder, "ledger.jsonl");
  const env = { TIDEGATE_REHEARSAL_LEDGER: ledger };
  const installation = await startTemporaryInstallation(["--only", "postgres,operator"], env);
  try {
    const { home, tidegate } = installation;
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
    const said = logLines(home);
    expect(said.some((line) => line.message === "step.succeeded" && line.runId === runId)).toBe(true);
    expect(ledgerFaults(ledger, said)).toEqual([]);
    expect(new Set(readLedger(ledger).map((line) => line.step)).size).toBe(25);
  } finally {
    installation.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** All that the operators of the installation said. */
function logLines(home: string): readonly Said[] {
  const logs = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((file) => /operator.*\.log/.test(file));
  expect(logs).not.toEqual([]);
  return logs.flatMap((file) =>
    readFileSync(join(home, file), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Said),
  );
}
