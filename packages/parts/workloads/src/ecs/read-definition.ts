// Task definitions: read once each, for a revision never changes.
import { DescribeTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import { RevisionInvalid } from "../errors.ts";
import type { Revision } from "../port.ts";
import type { Definition, EcsDeps } from "./ecs-deps.ts";
import { namesOf } from "./describe-services.ts";
import { callEcs } from "./map-ecs-error.ts";
import { releaseOfImage, serviceImage } from "./images-of-definition.ts";

/** Says of a registered definition which release it stands for: a digest does not. */
export const RELEASE_TAG = "tidegate:release";

/** By ARN, remembered. */
export async function readDefinition(deps: EcsDeps, service: string, arn: string): Promise<Definition> {
  return deps.memory.definitions.get(arn) ?? fetchDefinition(deps, service, arn);
}

/** By ARN, `family:revision`, or family: then the newest ACTIVE one. */
export async function fetchDefinition(deps: EcsDeps, service: string, name: string): Promise<Definition> {
  const what = `Reading the task definition ${name} of ${service}`;
  const answer = await callEcs(
    deps,
    { action: "DescribeTaskDefinition", what },
    async () => deps.client.send(new DescribeTaskDefinitionCommand({ taskDefinition: name, include: ["TAGS"] })),
    (error) => (isNotThere(error) ? notThere(service, name, error) : error),
  );
  const { taskDefinition } = answer;
  if (taskDefinition?.taskDefinitionArn === undefined || taskDefinition.family === undefined)
    throw notThere(service, name, undefined);
  const definition: Definition = {
    arn: taskDefinition.taskDefinitionArn,
    family: taskDefinition.family,
    definition: taskDefinition,
    tags: answer.tags ?? [],
  };
  deps.memory.definitions.set(definition.arn, definition);
  return definition;
}

/** The release is the definition's tag, else what the image's text says. */
export function revisionOf(deps: EcsDeps, service: string, { arn, definition, tags }: Definition): Revision {
  const image = serviceImage(definition, namesOf(deps, service));
  const tag = tags.find((one) => one.key === RELEASE_TAG)?.value ?? deps.memory.releases.get(arn);
  return { id: arn, release: tag ?? releaseOfImage(image) ?? arn.slice(arn.lastIndexOf("/") + 1), image };
}

/** ECS answers with a ClientException of this text. */
function isNotThere(error: unknown): boolean {
  return error instanceof Error && error.name === "ClientException" && /describe task definition/i.test(error.message);
}

function notThere(service: string, name: string, cause: unknown): RevisionInvalid {
  return new RevisionInvalid({
    service,
    problem: `ECS has no ACTIVE task definition ${name}`,
    remedy:
      "Check the names that are made from prefix and region, or register the first definition with the infrastructure.",
    cause,
  });
}
