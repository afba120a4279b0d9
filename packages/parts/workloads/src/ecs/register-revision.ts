// Registering: nothing when the newest revision is already what is wanted; else a new one, waited for until it can be used.
import { RegisterTaskDefinitionCommand, type RegisterTaskDefinitionCommandInput } from "@aws-sdk/client-ecs";
import { AwsAccessDenied } from "@tidegate/aws";
import { waitUntil } from "@tidegate/kernel";
import { RevisionInvalid } from "../errors.ts";
import type { Revision, RevisionTarget } from "../port.ts";
import { isSame } from "../revision/changes-between.ts";
import { composeRevision } from "./compose-revision.ts";
import type { Definition, EcsDeps } from "./ecs-deps.ts";
import { callEcs } from "./map-ecs-error.ts";
import { fetchDefinition, RELEASE_TAG, revisionOf } from "./read-definition.ts";
import { carried } from "./revision-input.ts";

export async function registerRevision(deps: EcsDeps, service: string, target: RevisionTarget): Promise<Revision> {
  const { input, newest } = await composeRevision(deps, service, target);
  if (isAlready(newest, input)) {
    deps.memory.releases.set(newest.arn, target.release);
    return revisionOf(deps, service, newest);
  }
  const { arn, note } = await register(deps, service, input);
  deps.memory.releases.set(arn, target.release);
  const revision = revisionOf(deps, service, await untilActive(deps, service, arn));
  return note === undefined ? revision : { ...revision, note };
}

/** The tag that we could not set is not held against it. */
function isAlready(newest: Definition, input: RegisterTaskDefinitionCommandInput): boolean {
  const there = carried(newest.definition, newest.tags);
  if (isSame(there, input)) return true;
  const isUntagged = !newest.tags.some((tag) => tag.key === RELEASE_TAG);
  return isUntagged && isSame(there, withoutTag(input));
}

/**
 * A role with no more than the documented permissions may not tag what it registers. Tags that were there must be carried, so their
 * loss is an error; our own only makes the release readable, so it is left out, and that is said.
 */
async function register(
  deps: EcsDeps,
  service: string,
  input: RegisterTaskDefinitionCommandInput,
): Promise<{ arn: string; note?: string }> {
  try {
    return { arn: await send(deps, service, input) };
  } catch (error) {
    const isAboutTags = error instanceof AwsAccessDenied && error.details["action"] === "ecs:TagResource";
    if (!isAboutTags || (input.tags ?? []).length > 1) throw error;
    const note = `The role has no ecs:TagResource: the definition was registered without the tag ${RELEASE_TAG}, so that later its release is read from its image.`;
    return { arn: await send(deps, service, withoutTag(input)), note };
  }
}

async function send(deps: EcsDeps, service: string, input: RegisterTaskDefinitionCommandInput): Promise<string> {
  const answer = await callEcs(
    deps,
    { action: "RegisterTaskDefinition", what: `Registering a task definition of ${service}` },
    async () => deps.client.send(new RegisterTaskDefinitionCommand(input)),
    (error) => (isRefusal(error) ? refused(service, error) : error),
  );
  const arn = answer.taskDefinition?.taskDefinitionArn;
  if (arn === undefined) throw refused(service, new Error("RegisterTaskDefinition gave no ARN"));
  return arn;
}

/** The wait for it has the two limits of Auxo's settings. */
async function untilActive(deps: EcsDeps, service: string, arn: string): Promise<Definition> {
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  return waitUntil(
    async () => {
      try {
        const found = await fetchDefinition(deps, service, name);
        return found.definition.status === "ACTIVE" ? found : undefined;
      } catch (error) {
        // ECS does not know it yet.
        if (error instanceof RevisionInvalid) return undefined;
        throw error;
      }
    },
    {
      what: `The task definition ${name} of ${service} becoming ACTIVE`,
      limitMs: deps.taskDefinitionLimitMs,
      everyMs: deps.everyMs,
      clock: deps.clock,
      remedy: "It is registered, and no service uses it. Try again, or raise MAX_TASK_DEFINITION_WAIT_TIME_MS.",
    },
  );
}

function withoutTag(input: RegisterTaskDefinitionCommandInput): RegisterTaskDefinitionCommandInput {
  const { tags = [], ...rest } = input;
  const kept = tags.filter((tag) => tag.key !== RELEASE_TAG);
  return kept.length === 0 ? rest : { ...rest, tags: kept };
}

function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error) || /is not authorized to perform/.test(error.message)) return false;
  return error.name === "ClientException" || error.name === "InvalidParameterException";
}

function refused(service: string, cause: Error): RevisionInvalid {
  return new RevisionInvalid({
    service,
    problem: `ECS refuses the task definition: ${cause.message.replace(/\.$/, "")}`,
    remedy:
      "The definition that it is made from has the same fault: correct it where it is kept (Terraform, for example), then try again.",
    cause,
  });
}
