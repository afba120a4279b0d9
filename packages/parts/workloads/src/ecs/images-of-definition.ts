// Which container runs the release's image, and which release an image's text names.
import type { TaskDefinition } from "@aws-sdk/client-ecs";
import type { EcsServiceNames } from "./ecs-deps.ts";

const DEFAULT_SUFFIX = "service-container";

/** The names of the containers that end as the service's container does; exactly one when all is well. */
export function serviceContainers(definition: TaskDefinition, names: EcsServiceNames): readonly string[] {
  const suffix = suffixOf(names);
  return (definition.containerDefinitions ?? []).flatMap(({ name }) => (name?.endsWith(suffix) === true ? [name] : []));
}

export function suffixOf(names: EcsServiceNames): string {
  return names.container ?? DEFAULT_SUFFIX;
}

/** Null when no single container is the service's. */
export function serviceImage(definition: TaskDefinition, names: EcsServiceNames): string | null {
  const found = serviceContainers(definition, names);
  if (found.length !== 1) return null;
  return definition.containerDefinitions?.find((one) => one.name === found[0])?.image ?? null;
}

/** `…/repo:v2` → "v2"; `…/repo@sha256:0123456789abcdef…` → "sha256:0123456789ab"; undefined without either. */
export function releaseOfImage(image: string | null): string | undefined {
  if (image === null) return undefined;
  const [name = "", digest] = image.split("@");
  // A colon before the last slash belongs to the registry's port.
  const tag = /:([^:/]+)$/.exec(name)?.[1];
  if (tag !== undefined) return tag;
  return digest === undefined ? undefined : digest.slice(0, "sha256:".length + 12);
}

/** The repository, without tag and digest. */
export function repositoryOf(image: string): string {
  return (image.split("@")[0] ?? "").replace(/:[^:/]+$/, "");
}
