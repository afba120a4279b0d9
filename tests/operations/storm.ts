// Kills of every kind at random moments, while runs of every kind are under way: all must end as undisturbed ones do.
import { seededRandom, systemClock, waitUntil, type Random } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { expect } from "vitest";
import { openFleetOfTwo, type FleetOfTwo, type Member } from "./fleet-of-two.ts";
import { startKillablePostgres, type KillablePostgres } from "./killable-postgres.ts";
import type { OperatorProcess } from "./operator-process.ts";
import { driveRun, SHAPES } from "./storm-flows.ts";

interface Storm {
  readonly fleet: FleetOfTwo;
  readonly postgres: KillablePostgres;
  readonly random: Random;
}

/** Each gives how many processes ended by its SIGKILL. */
const DISASTERS: Readonly<Record<string, (storm: Storm) => Promise<number>>> = {
  executor: async (storm) => {
    return killed((await anyOf(storm)).operator);
  },
  takeover: killInTakeover,
  postgres: async ({ postgres }) => {
    await postgres.kill();
    return 1;
  },
  cut: async (storm) => {
    const { operator, gate } = await anyOf(storm);
    gate.cut();
    // It lives, and ends by itself.
    expect(await operator.ended).toBe(75);
    return 0;
  },
  broken: async (storm) => {
    const { operator, gate } = await anyOf(storm);
    gate.breakAll();
    expect(await operator.ended).toBe(75);
    return 0;
  },
  stop: async (storm) => {
    const { operator } = await anyOf(storm);
    operator.signal("SIGSTOP");
    // Longer than its session may be silent.
    await systemClock.sleep(12_000);
    operator.signal("SIGCONT");
    expect(await operator.ended).toBe(75);
    return 0;
  },
};

/** The rarer ones once each in so many, in an order of chance. */
const CYCLE = "executor ".repeat(12).concat("takeover takeover takeover postgres postgres cut broken stop").split(" ");
const LONGEST_CALM_MS = 1_500;

/** At least so many SIGKILLs. A round of runs after the other, until they are reached. */
export async function weather({ kills, seed }: { readonly kills: number; readonly seed: number }): Promise<void> {
  const random = seededRandom(seed);
  const postgres = await startKillablePostgres();
  try {
    const fleet = await openFleetOfTwo(postgres.url);
    try {
      const done = await rage({ fleet, postgres, random }, kills);
      // What was sent is one count, how processes ended another: PostgreSQL's are not among the latter.
      const ended = fleet.ends().get("SIGKILL") ?? 0;
      expect(ended + (done.get("postgres") ?? 0)).toBeGreaterThanOrEqual(kills);
      expect(fleet.faults()).toEqual([]);
      await atRest(fleet, postgres);
    } finally {
      await fleet.close();
    }
  } finally {
    await postgres.close();
  }
}

/** Gives how often each disaster was. */
async function rage(storm: Storm, kills: number): Promise<ReadonlyMap<string, number>> {
  const { fleet, random } = storm;
  const done = new Map<string, number>();
  let count = 0;
  for (let round = 0; count < kills; round++) {
    const runs = Object.keys(SHAPES).map(async (name) =>
      driveRun(fleet, name, `s${round}-${name}`, `${round} ${name}`),
    );
    // On the stage of another: it waits for the lock.
    runs.push(driveRun(fleet, "family", `s${round}-plain`, `${round} second`));
    const ends = Promise.all(runs);
    // Awaited below, after the disasters.
    ends.catch(() => undefined);
    const disasters = shuffled(CYCLE, random);
    while (count < kills && disasters.length > 0) {
      await systemClock.sleep(random.next() * LONGEST_CALM_MS);
      const name = disasters.pop() ?? "executor";
      count += (await DISASTERS[name]?.(storm)) ?? 0;
      done.set(name, (done.get(name) ?? 0) + 1);
    }
    await ends;
  }
  return done;
}

async function anyOf({ fleet, random }: Storm): Promise<Member> {
  return random.pick(await fleet.members());
}

/** One is killed, and the other while it hands on or tells what the first one did: at its word, or at a moment before. */
async function killInTakeover(storm: Storm): Promise<number> {
  const { fleet, random } = storm;
  const both = await waitUntil(
    async () => {
      const members = await fleet.members();
      return members.length === 2 ? members : undefined;
    },
    { what: "Two operators", limitMs: 90_000, everyMs: 50, remedy: "" },
  );
  const [victim, survivor] = random.next() < 0.5 ? both : both.toReversed();
  if (victim === undefined || survivor === undefined) return 0;
  const isTakingOver = Promise.withResolvers<void>();
  survivor.operator.onLine(({ message }) => {
    if (message === "executor.took-over") isTakingOver.resolve();
  });
  const first = killed(victim.operator);
  const sooner = random.next() < 0.5 ? random.next() * LONGEST_CALM_MS : 5_000;
  await Promise.race([isTakingOver.promise, systemClock.sleep(sooner), survivor.operator.ended]);
  return (await killed(survivor.operator)) + (await first);
}

/** 0 for one that had ended by itself, as when its database was killed. */
async function killed(operator: OperatorProcess): Promise<number> {
  operator.signal("SIGKILL");
  return (await operator.ended) === "SIGKILL" ? 1 : 0;
}

/** No lock is left, no run is unfinished, and only who lives is there. */
async function atRest(fleet: FleetOfTwo, postgres: KillablePostgres): Promise<void> {
  await fleet.askUntil(["GET", "/v1/locks"], ({ body }) => (body?.locks?.length === 0 ? true : undefined), {
    what: "No locks",
    limitMs: 20_000,
  });
  const pool = createPool({ url: postgres.url, applicationName: "ground truth", max: 1 });
  try {
    const count = async (sql: string): Promise<number> => (await pool.query<{ n: number }>(sql)).rows[0]?.n ?? -1;
    await waitUntil(
      async () => ((await count("SELECT count(*)::int AS n FROM tidegate_engine.executors")) === 2 ? true : undefined),
      { what: "Two executors", limitMs: 30_000, remedy: "" },
    );
    const unfinished = "state NOT IN ('succeeded', 'failed', 'cancelled')";
    expect(await count(`SELECT count(*)::int AS n FROM tidegate_engine.runs WHERE ${unfinished}`)).toBe(0);
  } finally {
    await pool.end();
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
