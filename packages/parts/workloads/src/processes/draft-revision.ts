// A release's words about a service against those that it runs by. Nothing is written: a revision is there once its release is.
import { UnknownService } from "../errors.ts";
import type { Revision, RevisionDraft, RevisionTarget } from "../port.ts";
import { changesBetween } from "../revision/changes-between.ts";
import { listServices } from "./list-services.ts";
import { releasedSpec, revisionOf, type Released } from "./released-spec.ts";
import { readDesired, type Desired } from "./state-files.ts";

interface Folders {
  readonly stateDir: string;
  readonly releasesDir: string;
}

/** `target.image` has no meaning here: what a process runs is in its release's folder. */
export function draftRevision(folders: Folders, service: string, target: RevisionTarget): RevisionDraft {
  const present = mustBeThere(folders, service);
  const released = releasedSpec(folders.releasesDir, service, target.release);
  return {
    service,
    from: revisionOf(present),
    target,
    changes: changesBetween(described(present), described(released), (path) => path.startsWith("env.")),
    notes: [],
    passedRoles: [],
  };
}

/** Reads and validates the release, and gives its name. */
export function registerRevision(folders: Folders, service: string, target: RevisionTarget): Revision {
  mustBeThere(folders, service);
  return revisionOf(releasedSpec(folders.releasesDir, service, target.release));
}

/** A release moved to another folder starts other processes, under the same name. */
function described({ release, releaseDir, spec }: Released): unknown {
  return { ...spec, release, releaseDir };
}

function mustBeThere({ stateDir }: Folders, service: string): Desired {
  const present = readDesired(stateDir, service);
  if (present === undefined) throw new UnknownService({ service, known: listServices(stateDir) });
  return present;
}
