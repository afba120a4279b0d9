// From a definition that is there to the one to be registered: everything it had, and another image.
import type { RegisterTaskDefinitionCommandInput, Tag, TaskDefinition } from "@aws-sdk/client-ecs";
import { RevisionInvalid } from "../errors.ts";
import type { RevisionTarget } from "../port.ts";
import type { EcsServiceNames } from "./ecs-deps.ts";
import { serviceContainers, suffixOf } from "./images-of-definition.ts";

/** What ECS adds to a definition, and does not take when one is registered. Everything else is carried, also what comes new. */
export const ADDED_BY_ECS = [
  "taskDefinitionArn",
  "revision",
  "status",
  "requiresAttributes",
  "compatibilities",
  "registeredAt",
  "deregisteredAt",
  "deleteRequestedAt",
  "registeredBy",
] as const;

/** A definition as it would be registered again, unchanged. */
export function carried(definition: TaskDefinition, tags: readonly Tag[]): RegisterTaskDefinitionCommandInput {
  const kept = Object.fromEntries(
    Object.entries(definition).filter(([name]) => !(ADDED_BY_ECS as readonly string[]).includes(name)),
  );
  // ECS refuses an empty list of tags.
  const input = { ...kept, ...(tags.length === 0 ? {} : { tags: tags.filter(isOurs) }) };
  return input as RegisterTaskDefinitionCommandInput;
}

/** The definition with the target's image in the service's container, and the release as a tag. */
export function inputFor(
  base: { readonly definition: TaskDefinition; readonly tags: readonly Tag[] },
  target: RevisionTarget & { readonly image: string },
  about: { readonly service: string; readonly names: EcsServiceNames; readonly releaseTag: string },
): RegisterTaskDefinitionCommandInput {
  const container = theContainer(base.definition, about);
  const input = carried(base.definition, base.tags);
  const others = base.tags.filter((tag) => tag.key !== about.releaseTag && isOurs(tag));
  return {
    ...input,
    containerDefinitions: (input.containerDefinitions ?? []).map((one) =>
      one.name === container ? { ...one, image: target.image } : one,
    ),
    tags: [...others, { key: about.releaseTag, value: target.release }],
  };
}

/** Tags that begin with `aws:` are set by AWS alone. */
function isOurs(tag: Tag): boolean {
  return tag.key?.startsWith("aws:") !== true;
}

function theContainer(
  definition: TaskDefinition,
  { service, names }: { readonly service: string; readonly names: EcsServiceNames },
): string {
  const found = serviceContainers(definition, names);
  const [container] = found;
  if (container !== undefined && found.length === 1) return container;
  const all = (definition.containerDefinitions ?? []).map((one) => one.name ?? "?").join(", ");
  const suffix = suffixOf(names);
  const family = definition.family ?? "its task definition";
  const whose = found.length === 0 ? `no container of ${family} has` : `${found.length} containers of ${family} have`;
  throw new RevisionInvalid({
    service,
    problem: `${whose} a name that ends with "${suffix}" (there are: ${all})`,
    remedy: `Name exactly one container so, or set the service's container in the fleet to how its name ends.`,
  });
}
