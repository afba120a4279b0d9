// What can go wrong with workloads, each with its sentence and its remedy.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class UnknownService extends TidegateError {
  override readonly name = "UnknownService";
  /** `service`: one, or all that are missing. `where`: what was asked, when that is not this machine. */
  constructor(facts: { service: string | readonly string[]; known: readonly string[]; where?: string }) {
    const missing = typeof facts.service === "string" ? [facts.service] : facts.service;
    super({
      code: "workloads.unknown-service",
      message: `There is no service ${missing.map((name) => `"${name}"`).join(", ")}${facts.where === undefined ? "" : ` in ${facts.where}`}. Nothing was changed.`,
      remedy:
        facts.known.length === 0
          ? "No service exists yet: start the installation with `tidegate up`."
          : `Use one of: ${facts.known.join(", ")}.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class UpdateInvalid extends TidegateError {
  override readonly name = "UpdateInvalid";
  constructor(facts: { service: string; problem: string; remedy: string }) {
    super({
      code: "workloads.update-invalid",
      message: `The update of "${facts.service}" is not usable: ${facts.problem}. Nothing was changed.`,
      remedy: facts.remedy,
      details: { service: facts.service, problem: facts.problem },
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class ReleaseNotFound extends TidegateError {
  override readonly name = "ReleaseNotFound";
  /** `file` where releases are folders; `searched` where they are task definitions. */
  constructor(facts: { release: string; cause?: unknown } & ({ file: string } | { searched: string })) {
    const where = "file" in facts ? `${facts.file} cannot be read` : facts.searched;
    super({
      code: "workloads.release-not-found",
      message: `There is no release "${facts.release}": ${where}. Nothing was changed.`,
      remedy: "Build or register the release, or name one that is there.",
      details: { release: facts.release, ...("file" in facts ? { file: facts.file } : {}) },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class ReleaseInvalid extends TidegateError {
  override readonly name = "ReleaseInvalid";
  constructor(facts: { release: string; file: string; problems: readonly string[]; cause?: unknown }) {
    super({
      code: "workloads.release-invalid",
      message: `The release "${facts.release}" is not usable. ${facts.problems.join("; ")}. Nothing was changed.`,
      remedy: `Correct ${facts.file}; its form is described in the README of @tidegate/workloads.`,
      details: { release: facts.release, file: facts.file, problems: facts.problems },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class ServiceNotInRelease extends TidegateError {
  override readonly name = "ServiceNotInRelease";
  constructor(facts: { service: string; release: string; services: readonly string[] }) {
    super({
      code: "workloads.service-not-in-release",
      message: `The release "${facts.release}" has no service "${facts.service}". Nothing was changed.`,
      remedy: `It has: ${facts.services.join(", ")}. Choose another release, or build one that contains the service.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class RevisionInvalid extends TidegateError {
  override readonly name = "RevisionInvalid";
  constructor(facts: { service: string; problem: string; remedy: string; cause?: unknown }) {
    super({
      code: "workloads.revision-invalid",
      message: `No revision of "${facts.service}" can be made or used: ${facts.problem}. Nothing was changed.`,
      remedy: facts.remedy,
      details: { service: facts.service, problem: facts.problem },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class ClusterNotFound extends TidegateError {
  override readonly name = "ClusterNotFound";
  constructor(facts: { cluster: string; cause?: unknown }) {
    super({
      code: "workloads.cluster-not-found",
      message: `ECS has no cluster "${facts.cluster}" in this account and region. Nothing was changed.`,
      remedy: "Check prefix, region and regionAbbrev, from which the name is made, and the account of the credentials.",
      details: { cluster: facts.cluster },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class SupervisorRunning extends TidegateError {
  override readonly name = "SupervisorRunning";
  constructor(facts: { stateDir: string; pid: number }) {
    super({
      code: "workloads.supervisor-running",
      message: `A supervisor (process ${facts.pid}) already looks after ${facts.stateDir}. This one changed nothing.`,
      remedy: `Look at it with \`tidegate status\`, stop it with \`tidegate down\`, or give this one another folder.`,
      details: facts,
      retry: "later",
      blame: "user",
      exit: EXIT.tryAgain,
    });
  }
}

export class StateUnreadable extends TidegateError {
  override readonly name = "StateUnreadable";
  constructor(facts: { file: string; problem: string; cause?: unknown }) {
    super({
      code: "workloads.state-unreadable",
      message: `${facts.file} is not what Tidegate wrote there: ${facts.problem}. Nothing was changed; running processes were left alone.`,
      remedy: "Restore the file, or stop the service's processes and remove its folder so that it is created anew.",
      details: { file: facts.file, problem: facts.problem },
      cause: facts.cause,
    });
  }
}

export class DeploymentFailed extends TidegateError {
  override readonly name = "DeploymentFailed";
  /** `rolledBackTo`: the release that the platform went back to by itself. */
  constructor(facts: {
    service: string;
    deploymentId: string;
    release?: string;
    reason: string;
    rolledBackTo?: string;
  }) {
    const after =
      facts.rolledBackTo === undefined
        ? "The desired state was not taken back"
        : `The platform went back to release "${facts.rolledBackTo}" by itself`;
    super({
      code: "workloads.deployment-failed",
      message: `The deployment of ${facts.release === undefined ? facts.deploymentId : `release "${facts.release}"`} to "${facts.service}" failed: ${facts.reason}. ${after}.`,
      remedy: `Read \`tidegate logs ${facts.service}\`, then update it to a release that works.`,
      details: facts,
      blame: "dependency",
    });
  }
}

export class DeploymentSuperseded extends TidegateError {
  override readonly name = "DeploymentSuperseded";
  constructor(facts: { service: string; deploymentId: string; by: string }) {
    super({
      code: "workloads.deployment-superseded",
      message: `Deployment ${facts.deploymentId} of "${facts.service}" was replaced by ${facts.by} before it ended.`,
      remedy: "Somebody else updated the service. Look at `tidegate status` and decide which release should run.",
      details: facts,
      blame: "user",
    });
  }
}
