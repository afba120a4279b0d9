// What would be registered for a target, and what whoever approves should know about it. Reads only.
import type { RegisterTaskDefinitionCommandInput } from "@aws-sdk/client-ecs";
import { RevisionInvalid } from "../errors.ts";
import type { RevisionDraft, RevisionTarget } from "../port.ts";
import { changesBetween } from "../revision/changes-between.ts";
import { describeOne, namesOf } from "./describe-services.ts";
import type { Definition, EcsDeps } from "./ecs-deps.ts";
import { repositoryOf, serviceImage } from "./images-of-definition.ts";
import { fetchDefinition, readDefinition, RELEASE_TAG, revisionOf } from "./read-definition.ts";
import { carried, inputFor } from "./revision-input.ts";

export interface Composed {
  readonly running: Definition;
  readonly newest: Definition;
  readonly input: RegisterTaskDefinitionCommandInput;
  readonly notes: readonly string[];
}

export async function composeRevision(deps: EcsDeps, service: string, target: RevisionTarget): Promise<Composed> {
  const names = namesOf(deps, service);
  const image = pinnedImage(service, target);
  const found = await describeOne(deps, service);
  const controller = found.deploymentController?.type ?? "ECS";
  if (controller !== "ECS")
    throw new RevisionInvalid({
      service,
      problem: `its deployments are made by ${controller}, not by ECS's rolling update`,
      remedy: "Upgrade it with that tool, and take it out of the fleet.",
    });
  const running = await readDefinition(deps, service, found.taskDefinition ?? "");
  const newest = await fetchDefinition(deps, service, names.family);
  const base = deps.base === "newest" ? newest : running;
  return {
    running,
    newest,
    input: inputFor(base, { ...target, image }, { service, names, releaseTag: RELEASE_TAG }),
    notes: notesOn(deps, running, newest, { before: serviceImage(running.definition, names), after: image }),
  };
}

/** The draft of what `composeRevision` found. */
export async function draftRevision(deps: EcsDeps, service: string, target: RevisionTarget): Promise<RevisionDraft> {
  const { running, input, notes } = await composeRevision(deps, service, target);
  const roles = [input.taskRoleArn ?? "", input.executionRoleArn ?? ""].filter((role) => role !== "");
  return {
    service,
    from: revisionOf(deps, service, running),
    target,
    changes: changesBetween(carried(running.definition, running.tags), input, isSecret),
    notes,
    passedRoles: [...new Set(roles)].sort(),
  };
}

/** Values that may be secret, by where they are. */
function isSecret(path: string): boolean {
  return /\.environment\[.*\]\.value$|\.secrets\[.*\]\.valueFrom$|\.secretOptions\[.*\]|\.(options|driverOpts)\.|\.credentialsParameter$/.test(
    path,
  );
}

function pinnedImage(service: string, target: RevisionTarget): string {
  if (target.image !== undefined && /@sha256:[0-9a-f]{64}$/.test(target.image)) return target.image;
  throw new RevisionInvalid({
    service,
    problem:
      target.image === undefined
        ? `no image is given for release "${target.release}"`
        : `the image ${target.image} is not pinned by its digest`,
    remedy: "Give the image as repository@sha256:…; a tag may stand for another image tomorrow.",
  });
}

function notesOn(
  deps: EcsDeps,
  running: Definition,
  newest: Definition,
  images: { readonly before: string | null; readonly after: string },
): string[] {
  const notes: string[] = [];
  if (newest.arn !== running.arn)
    notes.push(
      `The newest revision ${shortArn(newest.arn)} is not what runs (${shortArn(running.arn)}); the new one is made from ${shortArn(deps.base === "newest" ? newest.arn : running.arn)}.`,
    );
  if (images.before !== null && repositoryOf(images.before) !== repositoryOf(images.after))
    notes.push(
      `The image comes from another repository: ${repositoryOf(images.after)} instead of ${repositoryOf(images.before)}.`,
    );
  return notes;
}

function shortArn(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
