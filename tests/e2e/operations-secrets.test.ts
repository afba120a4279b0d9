// After runs that succeeded, failed, were cancelled and let a secret slip: no secret is in the journal, the events, the logs or any file but its own.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startTemporaryInstallation } from "@tidegate/cli/temporary-installation";
import { createPool, embeddedUrl, queryRows } from "@tidegate/postgres";
import type { Secret } from "@tidegate/kernel";
import { expect, it } from "vitest";

it("keeps secrets out of journal, events, logs, state and data", async () => {
  const installation = await startTemporaryInstallation(["--only", "postgres,operator"]);
  try {
    const { home, ports, tidegate } = installation;
    const rehearse = (...fields: readonly string[]): readonly string[] => [
      "rehearse",
      ...["steps=2", ...fields].flatMap((field) => ["--set", field]),
      "--yes",
    ];
    tidegate(["run", ...rehearse("stepMs=0")]);
    tidegate(["run", ...rehearse("stepMs=0", "failAt=1")], true);
    const runId = tidegate(["run", ...rehearse("stepMs=60000"), "--detach"]).trim();
    tidegate(["runs", "cancel", runId]);
    const url = await embeddedUrl({ dataDir: join(home, "postgres"), port: ports.postgres });
    const password = decodeURIComponent(new URL(url.reveal()).password);
    const { tokens } = JSON.parse(readFileSync(join(home, "tokens.json"), "utf8")) as {
      tokens: ReadonlyArray<{ token: string }>;
    };
    const token = tokens[0]?.token ?? "";
    // Planted: in a step's progress, in its error and that one's cause, and in the result that it wants recorded.
    const leaky = tidegate(["run", ...rehearse("stepMs=0", "leakAt=2", "stage=leaky"), "--detach"]).trim();
    const shown = tidegate(["runs", "watch", leaky, "--json"], true) + tidegate(["runs", "export", leaky], true);
    // It was let slip indeed, in each place, and something else stands there now.
    expect(shown).toContain("connecting to [secret]");
    expect(shown).toContain("could not connect to [secret]");
    expect(shown).toContain("engine.not-recordable");
    // And where a person may put it by mistake: an input, a reason, a key, the id of a run.
    tidegate(["run", ...rehearse(`stage=${token}`)], true);
    tidegate(["run", ...rehearse(), "--reason", `because of ${token}`], true);
    tidegate(["run", ...rehearse(), "--key", token], true);
    tidegate(["runs", "cancel", token], true);

    for (const secret of [password, token]) {
      expect(shown).not.toContain(secret);
      expect(await cellsWith(url, secret)).toEqual([]);
    }
    expect(await cellsWith(url, leaky)).toContain("dbos.workflow_status");
    // PostgreSQL compresses long values in its files, where grep would not see a secret: those are read as text above. What grep sees besides is
    // everything else: logs, state, the write-ahead log, and short values.
    expect(filesWith(home, token)).toEqual(["tokens.json"]);
    expect(filesWith(home, password)).toEqual(["postgres/connection.json", "postgres/password"]);
    // The log of the operator is there, so what was looked through is not nothing.
    expect(filesWith(home, leaky).some((file) => file.endsWith(".log") || file.includes("operator"))).toBe(true);
  } finally {
    installation.remove();
  }
});

/** Tables with a row that holds the text, whatever it is stored as. */
async function cellsWith(url: Secret, text: string): Promise<readonly string[]> {
  const pool = createPool({ url, applicationName: "ground truth", max: 1 });
  try {
    const tables = await queryRows<{ name: string }>(
      pool,
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    );
    expect(tables.length).toBeGreaterThan(15);
    const found: string[] = [];
    for (const { name } of tables) {
      const sql = `SELECT 1 FROM ${name} t WHERE position($1 IN t::text) > 0 LIMIT 1`;
      if ((await queryRows(pool, sql, [text])).length > 0) found.push(name);
    }
    return found;
  } finally {
    await pool.end();
  }
}

/** Paths below the home of files that hold the text, binary ones too. */
function filesWith(home: string, text: string): readonly string[] {
  expect(text.length).toBeGreaterThan(8);
  const { stdout } = spawnSync("grep", ["-rlFa", "-e", text, "."], { cwd: home, encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.slice(2))
    .toSorted();
}
