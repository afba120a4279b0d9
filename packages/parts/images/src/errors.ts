// What can go wrong with images, each with its sentence and its remedy.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class RepositoryUnknown extends TidegateError {
  override readonly name = "RepositoryUnknown";
  constructor(facts: { repository: string; where: string; known?: readonly string[]; cause?: unknown }) {
    const known = facts.known ?? [];
    super({
      code: "images.repository-unknown",
      message: `There is no repository "${facts.repository}" in ${facts.where}. Nothing was changed.`,
      remedy:
        known.length === 0
          ? "Check the name (prefix, environment, service), the account and the region."
          : `Use one of: ${known.join(", ")}.`,
      details: { repository: facts.repository, where: facts.where, known },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class ImageNotFound extends TidegateError {
  override readonly name = "ImageNotFound";
  constructor(facts: { repository: string; tag: string; where: string; tags?: readonly string[]; cause?: unknown }) {
    const tags = facts.tags ?? [];
    super({
      code: "images.image-not-found",
      message: `The repository "${facts.repository}" in ${facts.where} has no image with the tag "${facts.tag}". Nothing was changed.`,
      remedy: tags.length === 0 ? "Push the image, or name a tag that is there." : `It has: ${tags.join(", ")}.`,
      details: { repository: facts.repository, tag: facts.tag, where: facts.where, tags },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class ImageWithoutDigest extends TidegateError {
  override readonly name = "ImageWithoutDigest";
  constructor(facts: { repository: string; tag: string; problem: string }) {
    super({
      code: "images.no-digest",
      message: `What was answered about "${facts.repository}:${facts.tag}" cannot be pinned: ${facts.problem}. Nothing was changed.`,
      remedy: "Look at the image with `aws ecr describe-images`; push it again if its digest is missing there too.",
      details: facts,
      blame: "dependency",
    });
  }
}

export class ReleaseUnreadable extends TidegateError {
  override readonly name = "ReleaseUnreadable";
  constructor(facts: { release: string; path: string; problem: string; cause?: unknown }) {
    super({
      code: "images.release-unreadable",
      message: `The release "${facts.release}" cannot be used as an image: ${facts.path}: ${facts.problem}. Nothing was changed.`,
      remedy: "Build the release again; what a release folder may hold is described in the README of @tidegate/images.",
      details: { release: facts.release, path: facts.path, problem: facts.problem },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class ReleaseTooLarge extends TidegateError {
  override readonly name = "ReleaseTooLarge";
  constructor(facts: { release: string; limit: "files" | "bytes"; allowed: number }) {
    super({
      code: "images.release-too-large",
      message: `The release "${facts.release}" has more than ${facts.allowed} ${facts.limit}, so its digest was not taken. Nothing was changed.`,
      remedy: "Keep data, caches and installed packages out of the release's folder.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}
