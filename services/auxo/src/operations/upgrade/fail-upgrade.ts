// How an upgrade that cannot go on ends: writers back, or held because that was asked for; and a sentence for each thing that a person must know.
import { UpgradeFailed } from "../../errors.ts";
import { failureOf, type Upgrade } from "./flow.ts";
import { restartWriters, writersSentences } from "./writers.ts";

export interface Failure {
  /** "migrating the database". */
  readonly at: string;
  readonly cause: Error;
}

/** Always throws UpgradeFailed. */
export async function failWithWritersBack(
  upgrade: Upgrade,
  failure: Failure,
  before: readonly string[] = [],
): Promise<never> {
  const held =
    failure.at === MIGRATING && upgrade.input.onFailedMigration === "hold" ? await hold(upgrade, failure) : [];
  if (held.length > 0) throw down(upgrade, failure, [...before, ...held]);
  let restarted: Awaited<ReturnType<typeof restartWriters>> | undefined;
  const restart = await failureOf(async () => (restarted = await restartWriters(upgrade)));
  if (restart !== undefined) {
    const counts = upgrade.writers.map((one) => `${one.name} at ${one.restartAt ?? 0}`).join(", ");
    throw down(upgrade, failure, [
      ...before,
      `The writers could not be started again (${restart.message}): they belong ${counts}.`,
    ]);
  }
  throw ended(upgrade, failure, [...before, ...writersSentences(upgrade, restarted?.verdicts ?? [])]);
}

/** Throws nothing; for what failed while the writers were not touched, or run already. */
export function ended(upgrade: Upgrade, { at, cause }: Failure, state: readonly string[]): UpgradeFailed {
  return new UpgradeFailed({
    target: upgrade.scene.names.target,
    tag: upgrade.input.upgrade_tag,
    at,
    cause,
    state,
    isSafe: true,
    remedy: "Then start the upgrade anew.",
  });
}

export const MIGRATING = "migrating the database";

function down(upgrade: Upgrade, { at, cause }: Failure, state: readonly string[]): UpgradeFailed {
  return new UpgradeFailed({
    target: upgrade.scene.names.target,
    tag: upgrade.input.upgrade_tag,
    at,
    cause,
    state,
    isSafe: false,
    remedy: "The next upgrade, of any tag, starts the writers at their recorded counts; or set these counts by hand.",
  });
}

const APPROVAL = "engine.approval-";

/** Empty when the writers may be started. A cancel goes on as one. */
async function hold(upgrade: Upgrade, { cause }: Failure): Promise<readonly string[]> {
  const { context, scene, writers } = upgrade;
  const names = writers.map((one) => one.name).join(" and ");
  const refused = await failureOf(async () =>
    context.waitForApproval("start-writers-approval", {
      timeoutMs: scene.fleet.limits.approvalMs,
      question: `The migration of ${scene.names.target} failed: ${cause.message} ${names} are held down. Start them on their present release?`,
    }),
  );
  if (refused === undefined) return [];
  const { code } = refused as { readonly code?: unknown };
  if (typeof code !== "string" || !code.startsWith(APPROVAL)) throw refused;
  return [`${names} are held down, as was asked for (${refused.message})`];
}
