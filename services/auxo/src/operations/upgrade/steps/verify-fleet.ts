// The last look: what was promised is what runs.
import type { Scene } from "../observe.ts";

export interface WantedService {
  readonly name: string;
  /** Null: not looked at. */
  readonly revision: string | null;
  /** At least: an autoscaler may have wanted more meanwhile. */
  readonly count: number | null;
}

/** Gives what is not as it should be, as sentences. */
export async function verifyFleet(
  { platform }: Pick<Scene, "platform">,
  wanted: readonly WantedService[],
): Promise<{ readonly problems: readonly string[] }> {
  const statuses = await platform.workloads.describeAll(wanted.map((one) => one.name));
  const problems = wanted.flatMap(({ name, revision, count }) => {
    const status = statuses.get(name);
    if (status === undefined) return [`${name} is gone`];
    return [
      ...(revision !== null && status.revision.id !== revision
        ? [`${name} is on ${status.revision.id}, not on ${revision}`]
        : []),
      ...(count !== null && status.desiredCount < count
        ? [`${name} is at ${status.desiredCount}, not at ${count}`]
        : []),
    ];
  });
  return { problems };
}
