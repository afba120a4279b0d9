// After runs that succeeded, failed and were cancelled: the token and the database's password are in no file but their own.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startTemporaryInstallation } from "@tidegate/cli/temporary-installation";
import { embeddedUrl } from "@tidegate/postgres";
import { expect, it } from "vitest";

it("keeps secrets out of logs, state and data", async () => {
  const installation = await startTemporaryInstallation(["--only", "postgres,operator"]);
  try {
    const { home, ports, tidegate } = installation;
    tidegate(["run", "rehearse", "--set", "steps=2", "--set", "stepMs=0", "--yes"]);
    tidegate(["run", "rehearse", "--set", "steps=2", "--set", "stepMs=0", "--set", "failAt=1", "--yes"], true);
    const runId = tidegate(["run", "rehearse", "--set", "stepMs=2000", "--yes", "--detach"]).trim();
    tidegate(["runs", "cancel", runId]);
    const { tokens } = JSON.parse(readFileSync(join(home, "tokens.json"), "utf8")) as {
      tokens: ReadonlyArray<{ token: string }>;
    };
    const password = decodeURIComponent(
      new URL((await embeddedUrl({ dataDir: join(home, "postgres"), port: ports.postgres })).reveal()).password,
    );
    expect(filesWith(home, tokens[0]?.token ?? "")).toEqual(["tokens.json"]);
    const withPassword = filesWith(home, password);
    expect(withPassword).toEqual(["postgres/connection.json", "postgres/password"]);
    // The log of the operator is there, so what was looked through is not nothing.
    expect(filesWith(home, runId).some((file) => file.endsWith(".log") || file.includes("operator"))).toBe(true);
  } finally {
    installation.remove();
  }
});

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
