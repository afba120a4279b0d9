// Auxo's handler in-process on a database: what a killed invocation left, the next one takes up. In memory: the other tests of this folder; as the client of an
// operator: tests/e2e/upgrade-own-workload.test.ts.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createPool, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createAwsTests } from "./testing/aws-tests.ts";
import { EVENT } from "./testing/open-aws-fleet.ts";

const INVOKE = new URL("testing/invoke-main.ts", import.meta.url).pathname;
const SUCCESS = { statusCode: 200, body: '{"message":"success"}' };

let database: TestDatabase;
let pool: Pool;
const children: ChildProcess[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "ground truth", max: 1 });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await pool.end();
  await database.drop();
});

const { fleet, open, setCount, countOf, changes } = createAwsTests();

interface Invocation {
  readonly child: ChildProcess;
  /** Its last line, parsed; undefined for one that was killed. */
  readonly answer: Promise<unknown>;
}

function invoke(): Invocation {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", INVOKE, JSON.stringify(EVENT)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...fleet.env, TIDEGATE_ENGINE: "", DATABASE_URL: database.url.reveal() },
  });
  children.push(child);
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const answer = once(child, "close").then(() => {
    const last = text.trim().split("\n").at(-1) ?? "";
    return child.signalCode === null ? (JSON.parse(last) as unknown) : undefined;
  });
  return { child, answer };
}

it("resumes the run that a killed invocation left after the writers' stop, and they come back at their counts", async () => {
  let isHanging = true;
  await open({
    bazooka: async () => (isHanging ? new Promise(() => undefined) : { returned: SUCCESS }),
  });
  await setCount("roundtable", 2);
  fleet.standIn.forgetCalls();
  const killed = invoke();
  await expect.poll(() => fleet.bazooka.length, { timeout: 30_000 }).toBe(1);
  killed.child.kill("SIGKILL");
  expect(await killed.answer).toBeUndefined();
  expect([await countOf("ender"), await countOf("roundtable")]).toEqual([0, 0]);

  isHanging = false;
  expect(await invoke().answer).toEqual(SUCCESS);
  expect([await countOf("ender"), await countOf("roundtable")]).toEqual([1, 2]);
  expect([fleet.living("ender"), fleet.living("roundtable")]).toEqual([1, 2]);
  // One run, of which nothing that had ended was done again: the step in flight was.
  const { rows } = await pool.query("SELECT status FROM dbos.workflow_status WHERE parent_workflow_id IS NULL");
  expect(rows).toEqual([{ status: "SUCCESS" }]);
  expect(changes().filter((one) => one === "UpdateFunctionCode" || one === "UpdateService ender 0")).toEqual([
    "UpdateFunctionCode",
    "UpdateService ender 0",
  ]);
  expect(fleet.bazooka.map((one) => one.event)).toEqual([{ migrate: true }, { migrate: true }]);
});
