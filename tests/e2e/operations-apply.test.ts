// A plan is applied as what it is: by the name of its own operation, and of no other.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { expect, it } from "vitest";
import { ask } from "../operations/ask-operator.ts";
import { operatorFolder, startOperator, TOKEN } from "../operations/operator-process.ts";

const CLI = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));

it("refuses a plan under the name of another operation, and starts nothing", async () => {
  await using cleanup = new AsyncDisposableStack();
  const database = await createTestDatabase();
  cleanup.defer(database.drop);
  const folder = operatorFolder();
  cleanup.defer(folder.remove);
  const operator = await startOperator(folder.path, { databaseUrl: database.url });
  cleanup.defer(operator.kill);
  const tidegate = (...args: readonly string[]) =>
    spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", CLI, ...args], {
      encoding: "utf8",
      timeout: 60_000,
      env: { ...process.env, TIDEGATE_OPERATOR_URL: operator.url, TIDEGATE_OPERATOR_TOKEN: TOKEN },
    });
  const input = { steps: 1, stepMs: 0 };
  const { body: plan } = await ask(operator.url, "POST", "/v1/operations/rehearse/plans", { input });
  const refused = tidegate("upgrade", "apply", plan.id as string, "--yes");
  expect({ status: refused.status, stdout: refused.stdout }).toEqual({ status: 64, stdout: "" });
  expect(refused.stderr).toContain(`Plan ${plan.id} is one of rehearse, not of upgrade. Nothing was started.`);
  expect(refused.stderr).toContain(`tidegate rehearse apply ${plan.id}`);
  expect((await ask(operator.url, "GET", "/v1/runs")).body.runs).toEqual([]);
  expect(tidegate("rehearse", "apply", plan.id as string, "--yes").status).toBe(0);
});
