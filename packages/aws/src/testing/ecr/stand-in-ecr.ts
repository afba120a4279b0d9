// ECR as the stand-in plays it: repositories with tagged images, and the refusals that AWS documents for what is not there.
import { createHash } from "node:crypto";
import * as sdk from "@aws-sdk/client-ecr";
import { AwsRefusal } from "../aws-refusal.ts";
import type { StandInService } from "../stand-in.ts";
import type { Timeline } from "../timeline.ts";
import { awsJson } from "../wire/aws-json.ts";
import { modelOf } from "../wire/model.ts";

export interface StandInEcrOptions {
  /** Created empty. */
  readonly repositories?: readonly string[];
}

export interface StandInEcr extends StandInService {
  /** Creates the repository where it is missing, makes the tag stand for an image with these contents, and gives its digest. */
  readonly push: (repository: string, tag: string, contents: string) => string;
}

interface StoredImage {
  readonly digest: string;
  readonly tags: Set<string>;
  readonly pushedAt: Date;
  readonly bytes: number;
}

const ACCOUNT = "123456789012";
const MAX_RESULTS = 100;

export function createStandInEcr(timeline: Timeline, options: StandInEcrOptions = {}): StandInEcr {
  const repositories = new Map<string, Map<string, StoredImage>>();
  for (const name of options.repositories ?? []) repositories.set(name, new Map());
  return {
    name: "ecr",
    model: modelOf(sdk),
    protocol: awsJson("AmazonEC2ContainerRegistry_V20150921"),
    operations: {
      DescribeImages: (input: sdk.DescribeImagesCommandInput) => describeImages(repositories, input),
    },
    push: (repository, tag, contents) => {
      const images = repositories.get(repository) ?? new Map<string, StoredImage>();
      repositories.set(repository, images);
      for (const image of images.values()) image.tags.delete(tag);
      const digest = `sha256:${createHash("sha256").update(contents).digest("hex")}`;
      const stored = images.get(digest) ?? {
        digest,
        tags: new Set(),
        pushedAt: timeline.date(),
        bytes: contents.length,
      };
      images.set(digest, stored);
      stored.tags.add(tag);
      return digest;
    },
  };
}

type Repositories = ReadonlyMap<string, ReadonlyMap<string, StoredImage>>;

/** Sentences and pages as in the API reference of ECR, DescribeImages. */
function describeImages(
  repositories: Repositories,
  input: sdk.DescribeImagesCommandInput,
): Omit<sdk.DescribeImagesCommandOutput, "$metadata"> {
  const name = input.repositoryName ?? "";
  if (input.registryId !== undefined && input.registryId !== ACCOUNT) throw noRepository(name, input.registryId);
  const images = repositories.get(name);
  if (images === undefined) throw noRepository(name, ACCOUNT);
  if (input.imageIds !== undefined) {
    if (input.nextToken !== undefined || input.maxResults !== undefined)
      throw new AwsRefusal("InvalidParameterException", "maxResults and nextToken cannot be used with imageIds");
    return { imageDetails: input.imageIds.map((id) => toDetail(name, find(images, name, id))) };
  }
  const from = Number(input.nextToken ?? 0);
  const until = from + (input.maxResults ?? MAX_RESULTS);
  return {
    imageDetails: [...images.values()].slice(from, until).map((image) => toDetail(name, image)),
    ...(until < images.size ? { nextToken: String(until) } : {}),
  };
}

function find(
  images: ReadonlyMap<string, StoredImage>,
  repository: string,
  { imageDigest, imageTag }: sdk.ImageIdentifier,
): StoredImage {
  const found = [...images.values()].find(
    (image) =>
      (imageDigest === undefined || image.digest === imageDigest) &&
      (imageTag === undefined || image.tags.has(imageTag)),
  );
  if (found !== undefined && (imageDigest ?? imageTag) !== undefined) return found;
  const id = `{imageDigest:'${imageDigest ?? "null"}', imageTag:'${imageTag ?? "null"}'}`;
  throw new AwsRefusal(
    "ImageNotFoundException",
    `The image with imageId ${id} does not exist within the repository with name '${repository}' in the registry with id '${ACCOUNT}'`,
  );
}

function noRepository(name: string, registry: string): AwsRefusal {
  return new AwsRefusal(
    "RepositoryNotFoundException",
    `The repository with name '${name}' does not exist in the registry with id '${registry}'`,
  );
}

function toDetail(repositoryName: string, image: StoredImage): sdk.ImageDetail {
  return {
    registryId: ACCOUNT,
    repositoryName,
    imageDigest: image.digest,
    ...(image.tags.size === 0 ? {} : { imageTags: [...image.tags] }),
    imageSizeInBytes: image.bytes,
    imagePushedAt: image.pushedAt,
    imageManifestMediaType: "application/vnd.oci.image.manifest.v1+json",
  };
}
