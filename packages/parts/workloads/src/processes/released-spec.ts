// What a release says about a service, and the name of that as a revision: `v2#<digest>`.
import { createHash } from "node:crypto";
import { RevisionInvalid, ServiceNotInRelease } from "../errors.ts";
import type { Revision } from "../port.ts";
import { readRelease } from "../release/read-release.ts";
import type { Desired } from "./state-files.ts";

export type Released = Pick<Desired, "release" | "releaseDir" | "spec" | "specDigest">;

/** Reads and validates the release. Throws ReleaseNotFound, ReleaseInvalid or ServiceNotInRelease. */
export function releasedSpec(releasesDir: string, service: string, tag: string): Released {
  const release = readRelease(releasesDir, tag);
  const spec = Object.hasOwn(release.services, service) ? release.services[service] : undefined;
  if (spec === undefined)
    throw new ServiceNotInRelease({ service, release: tag, services: Object.keys(release.services) });
  const specDigest = createHash("sha256")
    .update(JSON.stringify([tag, release.dir, spec]))
    .digest("hex")
    .slice(0, 16);
  return { release: tag, releaseDir: release.dir, spec, specDigest };
}

/** What an id of a revision stands for; what the service has already needs no file. Throws RevisionInvalid when the release says something else now. */
export function revisionSpec(releasesDir: string, present: Desired, id: string): Released {
  if (revisionOf(present).id === id) return present;
  const { service } = present;
  const at = id.lastIndexOf("#");
  if (at === -1)
    throw new RevisionInvalid({
      service,
      problem: `${id} is no id of a revision`,
      remedy: "Give what registerRevision gave: release#digest.",
    });
  const released = releasedSpec(releasesDir, service, id.slice(0, at));
  if (revisionOf(released).id === id) return released;
  throw new RevisionInvalid({
    service,
    problem: `what the release "${released.release}" says about it has changed since ${id} (it is ${revisionOf(released).id} now)`,
    remedy: "Make a new plan from what the release says now, or bring its former file back.",
  });
}

export function revisionOf({ release, specDigest }: Pick<Released, "release" | "specDigest">): Revision {
  return { id: `${release}#${specDigest}`, release, image: null };
}
