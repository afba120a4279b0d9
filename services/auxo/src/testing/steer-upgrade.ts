// One upgrade in memory, watched by its events and steered.
import { BY_CONTRACT, type Engine, type EventError, type StoredEvent } from "@tidegate/engine";
import { waitUntil } from "@tidegate/kernel";
import { parseEvent } from "../event/parse-event.ts";
import { EVENT, type AwsFleet } from "./open-aws-fleet.ts";

export const BY = { by: "tests" };

export interface SteeredUpgrade {
  readonly engine: Engine;
  readonly runId: string;
  /** The first such event, as soon as there is one; `after` looks past those that were there. */
  readonly seen: (is: (event: StoredEvent) => boolean, what: string) => Promise<StoredEvent>;
  readonly begun: (step: string) => Promise<StoredEvent>;
  readonly waits: (name: string) => Promise<StoredEvent>;
  /** The last event, once the run has ended; `which`: of how many ends. */
  readonly ended: (which?: number) => Promise<StoredEvent>;
}

export async function startUpgrade(fleet: AwsFleet, changes: Record<string, unknown> = {}): Promise<SteeredUpgrade> {
  const engine = fleet.openEngine();
  const input = parseEvent({ ...EVENT, ...changes });
  const { runId } = await engine.start("upgrade", input, { ...BY, confirm: BY_CONTRACT });
  const events = async (is: (event: StoredEvent) => boolean): Promise<readonly StoredEvent[]> =>
    (await engine.events(runId, 0n)).filter(is);
  const nth = async (which: number, is: (event: StoredEvent) => boolean, what: string): Promise<StoredEvent> =>
    waitUntil(async () => (await events(is))[which - 1], { what, limitMs: 20_000, everyMs: 2, remedy: "" });
  return {
    engine,
    runId,
    seen: async (is, what) => nth(1, is, what),
    begun: async (step) =>
      nth(1, (event) => event.code === "step.started" && event.step === step, `The start of ${step}`),
    waits: async (name) => nth(1, (event) => event.code === "wait.started" && event.step === name, `The wait ${name}`),
    ended: async (which = 1) => nth(which, ({ code }) => /^run\.(succeeded|failed|cancelled)$/.test(code), "The end"),
  };
}

/** What a failed run says; of others, how they ended. */
export function messageOf({ code, data }: StoredEvent): string {
  return code === "run.failed" ? (data["error"] as EventError).message : code;
}
