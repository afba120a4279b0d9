// Chapter "operations": a run is started, its executor is killed in the middle, it goes on, waits for an approval, and finishes.
import { waitUntil } from "@tidegate/kernel";
import { embeddedUrl } from "@tidegate/postgres";
import { installationPaths } from "../installation/paths.ts";
import { LOCAL_TOKEN, readTokens } from "../installation/tokens.ts";
import type { Chapter, ChapterInput, Check } from "./chapter.ts";
import { operatorPid } from "./operator-pid.ts";
import { outsideClients, type OutsideClients } from "./outside-clients.ts";
import { startTemporaryInstallation, type TemporaryInstallation } from "./temporary-installation.ts";

const STEPS = 8;
/** Long against the time that it takes to see a step end and to kill: the kill falls into the middle of the next one. */
const STEP_MS = 700;
const LIMIT_MS = 60_000;
const REMEDY = "Look at the log of the operator, then run the chapter again.";

export const operationsChapter: Chapter = {
  name: "operations",
  title: "an operation outlives its executor, asks, and finishes; nothing that was done is done again",
  run: async (input) => {
    const clients = outsideClients();
    input.tell(`Starting an installation of its own; looking at it through ${clients.names}.`);
    const installation = await startTemporaryInstallation(["--only", "postgres,operator"]);
    try {
      return await runIn(installation, clients, input);
    } finally {
      input.tell("Stopping the installation and removing its data.");
      installation.remove();
    }
  },
};

interface RunView {
  readonly state: string;
  readonly fence: number;
  readonly executor: string;
  readonly result?: { readonly sum: string };
  readonly steps: ReadonlyArray<{ readonly name: string; readonly state: string }>;
}

async function runIn(
  installation: TemporaryInstallation,
  clients: OutsideClients,
  { tell, isSabotaged }: ChapterInput,
): Promise<readonly Check[]> {
  const { home, ports, tidegate } = installation;
  const token = readTokens(home).tokens.find((one) => one.name === LOCAL_TOKEN)?.token ?? "";
  const databaseUrl = (await embeddedUrl({ dataDir: installationPaths(home).postgres, port: ports.postgres })).reveal();
  const input = ["--set", `steps=${STEPS}`, "--set", `stepMs=${STEP_MS}`, "--set", "approval=true"];
  const runId = tidegate(["rehearse", "apply", ...input, "--yes", "--detach"]).trim();
  const read = async (): Promise<RunView | undefined> =>
    (await clients.get(`http://127.0.0.1:${ports.operator}/v1/runs/${runId}`, token).catch(() => undefined)) as
      | RunView
      | undefined;
  const until = async (what: string, holds: (run: RunView) => boolean): Promise<RunView> =>
    waitUntil(
      async () => {
        const run = await read();
        return run !== undefined && holds(run) ? run : undefined;
      },
      { what, limitMs: LIMIT_MS, everyMs: 100, remedy: REMEDY },
    );

  const done = (run: RunView): number =>
    run.steps.filter((step) => step.name.startsWith("write-") && step.state === "succeeded").length;
  const pid = operatorPid(tidegate);
  const before = await until("Half of the steps", (run) => done(run) >= STEPS / 2);
  process.kill(pid, "SIGKILL");
  tell(
    `${runId}: ${done(before)} of ${STEPS} rows are written; kill -9 to the operator (${pid}). The supervisor brings it back ...`,
  );
  const waiting = await until("The approval being asked", (run) => run.state === "waiting");
  tell(
    `It went on under token ${waiting.fence}, and waits for the approval. Giving it: tidegate runs approve ${runId}`,
  );
  tidegate(["runs", "approve", runId]);
  const after = await until("The end of the run", (run) => run.state === "succeeded" || run.state === "failed");
  tell(`It ${after.state}.`);
  if (isSabotaged) {
    tell("Sabotage: writing a row a second time behind the product's back.");
    await clients.sql(databaseUrl, SABOTAGE);
  }
  return [...(await checks(clients, databaseUrl, { before, waiting, after })), await freedLocks(clients, databaseUrl)];
}

const SABOTAGE = `insert into rehearsal.ledger (stage, run_id, step, idempotency_key, fence, executor_pid, attempt, amount)
  select stage, run_id, step, idempotency_key, fence, executor_pid, attempt, amount from rehearsal.ledger where step = 'write-1'`;

async function checks(
  clients: OutsideClients,
  databaseUrl: string,
  { before, waiting, after }: Readonly<Record<"before" | "waiting" | "after", RunView>>,
): Promise<readonly Check[]> {
  const rows = await clients.sql(
    databaseUrl,
    "select step, fence, executor_pid, amount::text from rehearsal.ledger order by id",
  );
  const once = new Set(rows.map(([step]) => step));
  const fences = rows.map(([, fence]) => Number(fence));
  const pids = new Set(rows.map(([, , pid]) => pid));
  const sum = rows.reduce((total, [, , , amount]) => total + BigInt(amount ?? 0), 0n);
  return [
    {
      claim: `each of the ${STEPS} rows is written once`,
      holds: rows.length === STEPS && once.size === STEPS,
      seen: `${rows.length} rows of ${once.size} steps`,
    },
    {
      claim: "two executors wrote them, the second under a higher token",
      holds:
        pids.size === 2 &&
        fences.every((fence, index) => fence >= (fences[index - 1] ?? 0)) &&
        new Set(fences).size === 2,
      seen: `${pids.size} processes, tokens ${[...new Set(fences)].join(" and ")}`,
    },
    {
      claim: "the run was taken over, and told so",
      holds: before.executor !== waiting.executor && waiting.fence > before.fence,
      seen: `token ${before.fence} before, ${waiting.fence} after`,
    },
    {
      claim: "its result is the sum of the rows, to the last digit",
      holds: after.state === "succeeded" && after.result?.sum === sum.toString(),
      seen: `${after.result?.sum ?? after.state}, rows ${sum}`,
    },
  ];
}

async function freedLocks(clients: OutsideClients, databaseUrl: string): Promise<Check> {
  const held = async (): Promise<number> =>
    (await clients.sql(databaseUrl, "select 1 from tidegate_engine.locks")).length;
  const left = await waitUntil(async () => ((await held()) === 0 ? 0 : undefined), {
    what: "The lock being free",
    limitMs: 5_000,
    everyMs: 100,
    remedy: REMEDY,
  }).catch(held);
  return { claim: "no lock is left", holds: left === 0, seen: `${left} locks` };
}
