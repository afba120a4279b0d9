// Changing a service: tags first, then one UpdateService with what was asked and nothing else.
import { TagResourceCommand, UpdateServiceCommand, type Service } from "@aws-sdk/client-ecs";
import { RevisionInvalid, UpdateInvalid } from "../errors.ts";
import type { UpdateReceipt, WorkloadUpdate } from "../port.ts";
import { describeOne, namesOf } from "./describe-services.ts";
import type { EcsDeps } from "./ecs-deps.ts";
import { checkRevision, findRevision } from "./find-revision.ts";
import { callEcs } from "./map-ecs-error.ts";

/** ECS's quota for tasks of one service. */
const MAX_TASKS = 5_000;

/**
 * What is asked is always sent, even when the service seems to have it already: what DescribeServices says may be old, and
 * ECS itself makes no new deployment when nothing changes.
 */
export async function updateService(deps: EcsDeps, name: string, change: WorkloadUpdate): Promise<UpdateReceipt> {
  namesOf(deps, name);
  check(name, change);
  const revision =
    change.release !== undefined
      ? await findRevision(deps, name, change.release)
      : change.revision === undefined
        ? undefined
        : checkRevision(deps, name, change.revision);
  const isTagged = Object.keys(change.tags ?? {}).length > 0;
  const isUpdated = revision !== undefined || change.desiredCount !== undefined;
  const before = isTagged || !isUpdated ? await describeOne(deps, name) : undefined;
  // A desired count that is to be remembered as a tag is there before the count changes.
  if (isTagged && before !== undefined) await tag(deps, name, before, change.tags ?? {});
  const after = isUpdated ? await send(deps, name, revision, change.desiredCount) : before;
  const primary = after?.deployments?.find((one) => one.status === "PRIMARY");
  if (primary?.id === undefined)
    throw new UpdateInvalid({
      service: name,
      problem: "ECS shows no PRIMARY deployment of it",
      remedy: "Its deployments are not made by ECS's rolling update; take it out of the fleet.",
    });
  if (isUpdated)
    deps.memory.receipts.set(name, {
      deploymentId: primary.id,
      revision: primary.taskDefinition ?? "",
      createdAtMs: primary.createdAt?.getTime() ?? 0,
      desiredCount: after?.desiredCount ?? 0,
      atMs: deps.clock.monotonicMs(),
    });
  return { deploymentId: primary.id, isBeingApplied: true };
}

async function send(
  deps: EcsDeps,
  name: string,
  revision: string | undefined,
  desiredCount: number | undefined,
): Promise<Service | undefined> {
  const answer = await callEcs(
    deps,
    { action: "UpdateService", what: `Updating ${name}`, service: name },
    async () =>
      deps.client.send(
        new UpdateServiceCommand({
          cluster: deps.cluster,
          service: namesOf(deps, name).service,
          ...(revision === undefined ? {} : { taskDefinition: revision }),
          ...(desiredCount === undefined ? {} : { desiredCount }),
        }),
      ),
    (error) => (revision !== undefined && isNoRevision(error) ? noRevision(name, revision, error) : error),
  );
  return answer.service;
}

async function tag(
  deps: EcsDeps,
  name: string,
  service: Service,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  await callEcs(deps, { action: "TagResource", what: `Tagging ${name}`, service: name }, async () =>
    deps.client.send(
      new TagResourceCommand({
        resourceArn: service.serviceArn,
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      }),
    ),
  );
}

function check(service: string, { desiredCount, release, revision }: WorkloadUpdate): void {
  if (release !== undefined && revision !== undefined)
    throw new UpdateInvalid({ service, problem: "it names a release and a revision", remedy: "Name one of them." });
  if (desiredCount === undefined) return;
  if (Number.isInteger(desiredCount) && desiredCount >= 0 && desiredCount <= MAX_TASKS) return;
  throw new UpdateInvalid({
    service,
    problem: `desiredCount is ${desiredCount}`,
    remedy: `Give a whole number from 0 to ${MAX_TASKS}.`,
  });
}

function isNoRevision(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "ClientException" && /task ?definition/i.test(error.message);
}

function noRevision(service: string, revision: string, cause: unknown): RevisionInvalid {
  return new RevisionInvalid({
    service,
    problem: `ECS cannot use ${revision}`,
    remedy: "It may have been deregistered. Register the release again, then update.",
    cause,
  });
}
