// Handlers killed in the middle and stopped at their deadline, then invoked again: in-process on a database, and as clients of an operator.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { waitUntil } from "@tidegate/kernel";
import { createPool, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ledgerFaults, type Said } from "../operations/ledger.ts";
import { operatorFolder, startOperator, TOKEN, type OperatorProcess } from "../operations/operator-process.ts";

const MAIN = fileURLToPath(new URL("../operations/handler-main.ts", import.meta.url));

let database: TestDatabase;
let pool: Pool;
let ledger: string;
let ledgerFolder: string;
/** By all handlers of a test. */
const said: Said[] = [];
const faults = (): readonly string[] => ledgerFaults(ledger, said);
beforeEach(async () => {
  said.length = 0;
  ledgerFolder = mkdtempSync(join(tmpdir(), "tidegate-handlers-"));
  ledger = join(ledgerFolder, "ledger.jsonl");
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "ground truth", max: 2 });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
  rmSync(ledgerFolder, { recursive: true, force: true });
});

interface Invocation {
  readonly event: object;
  readonly requestId: string;
  readonly timeoutMs?: number;
  readonly env: Readonly<Record<string, string>>;
  /** SIGKILL as soon as a row is in the ledger. */
  readonly isKilled?: boolean;
}

// oxlint-disable-next-line typescript/no-explicit-any
async function invoke({ event, requestId, timeoutMs = 60_000, env, isKilled = false }: Invocation): Promise<any> {
  const args = ["--disable-warning=ExperimentalWarning", MAIN, JSON.stringify(event), requestId, String(timeoutMs)];
  const clean = {
    ...process.env,
    DATABASE_URL: "",
    TIDEGATE_OPERATOR_URL: "",
    LEDGER_URL: database.url.reveal(),
    LEDGER_FILE: ledger,
  };
  const child = spawn(process.execPath, args, { env: { ...clean, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    if (line.includes("handler-main.ts")) said.push(JSON.parse(line) as Said);
  });
  const exit = once(child, "exit");
  if (isKilled) {
    await rowsWritten(1);
    child.kill("SIGKILL");
  }
  await exit;
  return isKilled ? undefined : JSON.parse(lines.at(-1) ?? "null");
}

async function rowsWritten(count: number): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    const { rows } = await pool.query("SELECT 1 FROM rehearsal.ledger").catch(() => ({ rows: [] }));
    return rows.length >= count ? true : undefined;
  };
  await waitUntil(look, { what: `${count} rows in the ledger`, limitMs: 20_000, everyMs: 10, remedy: "" });
}

async function runs(): Promise<readonly string[]> {
  return (
    await pool.query<{ workflow_uuid: string }>("SELECT workflow_uuid FROM dbos.workflow_status ORDER BY created_at")
  ).rows.map((row) => row.workflow_uuid);
}

const EVENT = { steps: 6, stepMs: 300 };

describe("in-process on a database", () => {
  const env = () => ({ DATABASE_URL: database.url.reveal() });

  it("resumes what a killed handler left, and attaches the repeated request for ever", async () => {
    await invoke({ event: EVENT, requestId: "r1", env: env(), isKilled: true });
    const answer = await invoke({ event: EVENT, requestId: "r1", env: env() });
    expect(answer).toMatchObject({ message: "success", isVolatile: false, result: { steps: 6 } });
    expect(await runs()).toHaveLength(1);
    expect(faults()).toEqual([]);
    // AWS repeats a request under its id; a person's new invocation has a new one.
    expect(await invoke({ event: EVENT, requestId: "r1", env: env() })).toMatchObject({ runId: answer.runId });
    expect((await invoke({ event: EVENT, requestId: "r2", env: env() })).runId).not.toBe(answer.runId);
  });

  it("lets go at its deadline, and goes on when it is invoked again", async () => {
    const event = { steps: 12, stepMs: 400 };
    const first = await invoke({ event, requestId: "r1", env: env(), timeoutMs: 6_000 });
    expect(first).toMatchObject({ code: "handler.deadline" });
    const second = await invoke({ event, requestId: "r2", env: env() });
    expect(second).toMatchObject({ message: "success" });
    expect(await runs()).toEqual([second.runId]);
    expect(faults()).toEqual([]);
  });

  it("begins nothing when too little time is left, and says so", async () => {
    expect(await invoke({ event: EVENT, requestId: "r1", env: env(), timeoutMs: 3_000 })).toMatchObject({
      code: "handler.too-late",
    });
  });
});

describe("as the client of an operator", () => {
  let operator: OperatorProcess;
  let folder: ReturnType<typeof operatorFolder>;
  beforeEach(async () => {
    folder = operatorFolder();
    operator = await startOperator(folder.path, { databaseUrl: database.url });
  });
  afterEach(async () => {
    await operator.kill();
    folder.remove();
  });
  const env = () => ({ TIDEGATE_OPERATOR_URL: operator.url, TIDEGATE_OPERATOR_TOKEN: TOKEN });

  it("leaves the run going when it is killed or out of time, and attaches to it again", async () => {
    await invoke({ event: EVENT, requestId: "r1", env: env(), isKilled: true });
    expect(await invoke({ event: EVENT, requestId: "r2", env: env(), timeoutMs: 30_000 })).toMatchObject({
      message: "success",
      result: { steps: 6 },
    });
    expect(await runs()).toHaveLength(1);
    const late = { steps: 10, stepMs: 500 };
    expect(await invoke({ event: late, requestId: "r3", env: env(), timeoutMs: 5_100 })).toMatchObject({
      code: "handler.deadline",
    });
    expect(await invoke({ event: late, requestId: "r4", env: env() })).toMatchObject({ message: "success" });
    expect(await runs()).toHaveLength(2);
  });
});

it("refuses without operator and database, and runs in memory only when it is told to", async () => {
  expect(await invoke({ event: EVENT, requestId: "r1", env: {} })).toMatchObject({ code: "engine.off" });
  expect(
    await invoke({ event: { ...EVENT, stepMs: 0 }, requestId: "r1", env: { TIDEGATE_ENGINE: "volatile" } }),
  ).toMatchObject({ message: "success", isVolatile: true });
  expect(await invoke({ event: EVENT, requestId: "r1", env: { TIDEGATE_ENGINE: "fast" } })).toMatchObject({
    code: "engine.off",
  });
});
