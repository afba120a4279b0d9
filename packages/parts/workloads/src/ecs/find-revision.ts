// A registered revision by its release, for updates that name a release.
import { ListTaskDefinitionsCommand } from "@aws-sdk/client-ecs";
import { ReleaseNotFound, UpdateInvalid } from "../errors.ts";
import type { EcsDeps } from "./ecs-deps.ts";
import { namesOf } from "./describe-services.ts";
import { callEcs } from "./map-ecs-error.ts";
import { readDefinition, revisionOf } from "./read-definition.ts";

/** How many of the newest revisions are looked at. */
const SEARCHED = 50;

/** The newest ACTIVE revision of the service's family that stands for the release. Throws ReleaseNotFound. */
export async function findRevision(deps: EcsDeps, service: string, release: string): Promise<string> {
  const { family } = namesOf(deps, service);
  const answer = await callEcs(
    deps,
    { action: "ListTaskDefinitions", what: `Looking for release ${release} of ${service}` },
    async () =>
      deps.client.send(
        new ListTaskDefinitionsCommand({ familyPrefix: family, status: "ACTIVE", sort: "DESC", maxResults: SEARCHED }),
      ),
  );
  for (const arn of answer.taskDefinitionArns ?? []) {
    const definition = await readDefinition(deps, service, arn);
    if (definition.family === family && revisionOf(deps, service, definition).release === release) return arn;
  }
  throw new ReleaseNotFound({
    release,
    searched: `none of the newest ${SEARCHED} task definitions of ${family} stands for it`,
  });
}

/** Throws UpdateInvalid for a revision of another family. */
export function checkRevision(deps: EcsDeps, service: string, revision: string): string {
  const { family } = namesOf(deps, service);
  const found = /^(?:arn:[^/]+\/)?([^/:]+):\d+$/.exec(revision)?.[1];
  if (found === family) return revision;
  throw new UpdateInvalid({
    service,
    problem: `${revision} is no revision of ${family}`,
    remedy: "Give the id of a revision that registerRevision gave for this service.",
  });
}
