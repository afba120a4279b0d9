// How an upgrade that cannot go on ends: writers back, or held because that was asked for; and a sentence for each thing that a person must know.
import { UpgradeFailed } from "../../errors.ts";
import { alignWriters, countsOf } from "./bring-writers-back.ts";
import { BY_ALL_MEANS, failureOf, type Upgrade } from "./flow.ts";
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
  const aligned: string[] = [];
  let restarted: Awaited<ReturnType<typeof restartWriters>> | undefined;
  const restart = await failureOf(async () => {
    aligned.push(...(await align(upgrade)));
    restarted = await restartWriters(upgrade, AFTER_FAILURE);
  });
  if (restart !== undefined) {
    throw down(upgrade, failure, [
      ...before,
      `The writers could not be started again (${restart.message}): they belong ${countsOf(upgrade)}.`,
    ]);
  }
  throw ended(upgrade, failure, [...before, ...aligned, ...writersSentences(upgrade, restarted?.verdicts ?? [])]);
}

/** Of the steps that start the writers after a failure: the same failure may have been their start. */
const AFTER_FAILURE = "after-failure-";

/** Says which writers went back so that only one version writes. */
async function align(upgrade: Upgrade): Promise<readonly string[]> {
  const { context, writers, changed } = upgrade;
  if (!writers.some((writer) => changed.some((one) => one.name === writer.name))) return [];
  const moved = await context.step("align-writers", async () => alignWriters(upgrade), { retry: BY_ALL_MEANS });
  if (moved.length === 0) return [];
  return [`So that only one version writes, ${moved.join(" and ")} went back to the revision that ran before.`];
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
