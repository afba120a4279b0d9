// Two operators that are replaced whenever they end, each behind a gate of its own, on one PostgreSQL; and what became of all that ever were.
import { waitUntil, type Secret } from "@tidegate/kernel";
import { ask, type Answer } from "./ask-operator.ts";
import { openGate, type Gate } from "./gate.ts";
import { ledgerFaults, readLedger, type LedgerLine, type Said } from "./ledger.ts";
import { ledgerIn, operatorFolder, startOperator, type OperatorProcess } from "./operator-process.ts";

export interface Member {
  readonly operator: OperatorProcess;
  readonly gate: Gate;
}

export interface FleetOfTwo {
  /** Resolves when there is one that works; any of them. */
  readonly members: () => Promise<readonly Member[]>;
  /** Asks one after the other until one answers as is wanted. */
  readonly askUntil: <T>(
    call: readonly [method: string, path: string, body?: unknown],
    want: (answer: Answer) => T | undefined,
    limits: { readonly what: string; readonly limitMs: number },
  ) => Promise<T>;
  readonly said: () => readonly Said[];
  readonly ledger: () => readonly LedgerLine[];
  readonly faults: () => readonly string[];
  /** Processes that ended, by how: "SIGKILL", "75". */
  readonly ends: () => ReadonlyMap<string, number>;
  readonly close: () => Promise<void>;
}

const SLOTS = 2;

export async function openFleetOfTwo(url: Secret): Promise<FleetOfTwo> {
  const folder = operatorFolder();
  const ever: OperatorProcess[] = [];
  const working = new Set<Member>();
  const ends = new Map<string, number>();
  const over = new AbortController();
  const unopened: string[] = [];
  let failure: unknown;

  const serve = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const gate = await openGate(url);
      const operator = await startOperator(folder.path, { databaseUrl: gate.url }).catch((error: unknown) => {
        // It may be killed, or its database may be, while it opens.
        if (!over.signal.aborted && !String(error).includes("The operator ended")) throw error;
        unopened.push(String(error));
        return undefined;
      });
      if (operator !== undefined) {
        ever.push(operator);
        const member = { operator, gate };
        working.add(member);
        if (over.signal.aborted) operator.signal("SIGKILL");
        const end = String(await operator.ended);
        working.delete(member);
        ends.set(end, (ends.get(end) ?? 0) + 1);
      }
      gate.close();
    }
  };
  const slots = Array.from({ length: SLOTS }, async () =>
    serve().catch((error: unknown) => {
      failure = error;
    }),
  );
  const members = async (): Promise<readonly Member[]> =>
    waitUntil(
      () => {
        if (failure !== undefined) throw failure as Error;
        return working.size > 0 ? [...working] : undefined;
      },
      { what: "An operator that works", limitMs: 90_000, everyMs: 20, remedy: "" },
    );
  const close = async (): Promise<void> => {
    over.abort();
    for (const { operator } of working) operator.signal("SIGKILL");
    await Promise.all(slots);
    folder.remove();
  };
  try {
    await waitUntil(() => (failure !== undefined || working.size === SLOTS ? true : undefined), {
      what: "Two operators",
      limitMs: 120_000,
      remedy: "",
    });
  } catch (error) {
    // Left alone, the slots would start operators for ever, and the test runner would never end.
    await close();
    throw new Error(`${working.size} work; these ended while they opened: ${unopened.join("; ")}`, { cause: error });
  }
  const said = (): readonly Said[] => ever.flatMap((one) => one.lines);
  return {
    members,
    askUntil: async ([method, path, body], want, { what, limitMs }) =>
      waitUntil(
        async () => {
          for (const { operator } of await members()) {
            const answer = await ask(operator.url, method, path, body).catch(() => undefined);
            const wanted = answer === undefined ? undefined : want(answer);
            if (wanted !== undefined) return wanted;
          }
          return undefined;
        },
        { what, limitMs, everyMs: 200, remedy: "" },
      ),
    said,
    ledger: () => readLedger(ledgerIn(folder.path)),
    faults: () => ledgerFaults(ledgerIn(folder.path), said()),
    ends: () => ends,
    close,
  };
}
