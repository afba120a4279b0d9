// The operation `unlock`: frees a migration lock that nobody holds any more.
import { defineOperation, type Operation, type PlanDraft } from "@tidegate/engine";
import { serverAddress } from "@tidegate/postgres";
import * as z from "zod";
import type { BazookaConfig } from "../../config.ts";
import { withDatabase } from "../../database/open-database.ts";
import { describeHolder, readHolder } from "../../database/holder.ts";
import { readKnexFlag } from "../../migrations/knex-flag.ts";
import { unlockMigrations, type Unlocked } from "../../migrations/unlock-migrations.ts";
import { databaseLockName } from "../../stores.ts";

const unlockInput = z.strictObject({});

interface LockObservation {
  readonly address: string;
  readonly isLocked: boolean;
  /** Null when Knex's flag was set by a program that leaves no name. */
  readonly holder: string | null;
}

export function createUnlock({
  config,
}: {
  readonly config: BazookaConfig;
}): Operation<z.infer<typeof unlockInput>, LockObservation, Unlocked> {
  return defineOperation({
    name: "unlock",
    title: "Release the lock of the database migrations, when who took it is gone",
    input: unlockInput,
    danger: "changes",
    observe: async () =>
      withDatabase(config, async (pool, url) => {
        const { isSet, isOurs } = await readKnexFlag(pool);
        return {
          address: serverAddress(url),
          isLocked: isSet,
          holder: isOurs ? describeHolder(await readHolder(pool)) : null,
        };
      }),
    plan: (_, observation): PlanDraft => planUnlock(observation),
    lock: () => databaseLockName(config),
    run: async (context, { observation }) =>
      context.step("unlock", async () =>
        withDatabase(config, async (pool) => unlockMigrations(pool, observation.address)),
      ),
  });
}

function planUnlock({ address, isLocked, holder }: LockObservation): PlanDraft {
  const by = holder ?? "by a program that leaves no name or time (plain Knex)";
  return {
    target: `database ${address}`,
    summary: isLocked ? `Release the migration lock, taken ${by}.` : "The migrations are not locked.",
    steps: isLocked
      ? [
          {
            name: "unlock",
            change: `Sets knex_migrations_lock of ${address} free`,
            destroys: false,
            undo: null,
          },
        ]
      : [],
    notes: isLocked
      ? ["Make sure that nobody migrates: what is freed under a living migration lets a second one in."]
      : [],
  };
}
