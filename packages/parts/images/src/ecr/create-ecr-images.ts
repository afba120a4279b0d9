// Images in Amazon ECR, pinned by digest.
import { DescribeImagesCommand, type ECRClient, type ImageDetail } from "@aws-sdk/client-ecr";
import { callAws } from "@tidegate/aws";
import { ImageNotFound, ImageWithoutDigest, RepositoryUnknown } from "../errors.ts";
import type { ImageReference, Images } from "../port.ts";

export interface EcrImagesOptions {
  /** Its region is that of the registry. */
  readonly client: ECRClient;
}

interface Wanted {
  readonly repository: string;
  readonly tag: string;
}

/** Needs `ecr:DescribeImages`. */
export function createEcrImages({ client }: EcrImagesOptions): Images {
  return {
    resolve: async (wanted): Promise<ImageReference> => {
      const region = await client.config.region();
      const where = `ECR (${region})`;
      const { imageDetails } = await callAws(
        { action: "ecr:DescribeImages", what: `Looking for the image ${wanted.repository}:${wanted.tag}` },
        async () =>
          client.send(
            new DescribeImagesCommand({
              repositoryName: wanted.repository,
              imageIds: [{ imageTag: wanted.tag }],
            }),
          ),
        (error) => notFound(error, wanted, where),
      );
      // AWS refuses for a tag that is not there; others answer with an empty list.
      const [image] = imageDetails ?? [];
      if (image === undefined) throw new ImageNotFound({ ...wanted, where });
      return toReference(image, wanted, region);
    },
  };
}

function notFound(error: unknown, wanted: Wanted, where: string): unknown {
  const name = error instanceof Error ? error.name : "";
  if (name === "ImageNotFoundException") return new ImageNotFound({ ...wanted, where, cause: error });
  if (name === "RepositoryNotFoundException")
    return new RepositoryUnknown({ repository: wanted.repository, where, cause: error });
  return error;
}

/** Format: Amazon ECR User Guide, "Pulling an image": `<account>.dkr.ecr.<region>.amazonaws.com/<repository>@<digest>`. */
function toReference(image: ImageDetail, wanted: Wanted, region: string): ImageReference {
  const { registryId, imageDigest: digest, imagePushedAt } = image;
  if (digest === undefined || !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new ImageWithoutDigest({ ...wanted, problem: `its digest is ${digest ?? "missing"}` });
  if (registryId === undefined) throw new ImageWithoutDigest({ ...wanted, problem: "its registry is missing" });
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return {
    ...wanted,
    digest,
    uri: `${registryId}.dkr.ecr.${region}.${domain}/${wanted.repository}@${digest}`,
    ...(imagePushedAt === undefined ? {} : { pushedAt: imagePushedAt.toISOString() }),
  };
}
