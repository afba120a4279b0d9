// The ECR adapter passes the suite of the port: against the stand-in, and against MiniStack, which answers with an empty list for a missing tag.
import { CreateRepositoryCommand, ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import { openAwsClient } from "@tidegate/aws";
import { createStandIn, createStandInEcr, ministackOff, startMinistack, STAND_IN_REGION } from "@tidegate/aws/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { imagesConformance } from "../conformance.ts";
import { createEcrImages } from "./create-ecr-images.ts";

const REPOSITORY = "dev4-indexer-ender";
const TAGS = { first: "4aea7a61", second: "5bfb8b72", movable: "latest" };

async function openStandIn(region = STAND_IN_REGION) {
  const standIn = await createStandIn({ services: (timeline) => ({ ecr: createStandInEcr(timeline) }) });
  const client = openAwsClient(ECRClient, { ...standIn.clientOptions, region });
  const close = async (): Promise<void> => {
    client.destroy();
    await standIn.close();
  };
  return { standIn, images: createEcrImages({ client }), close };
}

imagesConformance({
  adapter: "ecr on the stand-in",
  open: async () => {
    const { standIn, images, close } = await openStandIn();
    const { push } = standIn.services.ecr;
    const digests = new Map([
      [TAGS.first, push(REPOSITORY, TAGS.first, "one")],
      [TAGS.second, push(REPOSITORY, TAGS.second, "two")],
    ]);
    push(REPOSITORY, TAGS.movable, "one");
    return {
      images,
      repository: REPOSITORY,
      tags: TAGS,
      moveTag: async () => void push(REPOSITORY, TAGS.movable, "two"),
      digestOutside: async (tag) => digests.get(tag) ?? "",
      close,
    };
  },
});

const unavailable = await ministackOff();

imagesConformance({
  adapter: "ecr on MiniStack",
  unavailable,
  open: async () => {
    const ministack = await startMinistack();
    const client = openAwsClient(ECRClient, ministack.clientOptions);
    await client.send(new CreateRepositoryCommand({ repositoryName: REPOSITORY }));
    const push = async (tag: string, contents: string): Promise<string> => {
      const config = {
        mediaType: "application/vnd.oci.image.config.v1+json",
        digest: `sha256:${"0".repeat(64)}`,
        size: 2,
      };
      const imageManifest = JSON.stringify({ schemaVersion: 2, config, layers: [], annotations: { contents } });
      const put = new PutImageCommand({ repositoryName: REPOSITORY, imageManifest, imageTag: tag });
      return (await client.send(put)).image?.imageId?.imageDigest ?? "";
    };
    const digests = new Map([
      [TAGS.first, await push(TAGS.first, "one")],
      [TAGS.second, await push(TAGS.second, "two")],
      [TAGS.movable, await push(TAGS.movable, "one")],
    ]);
    return {
      images: createEcrImages({ client }),
      repository: REPOSITORY,
      tags: TAGS,
      moveTag: async () => void (await push(TAGS.movable, "two")),
      digestOutside: async (tag) => digests.get(tag) ?? "",
      close: async () => {
        client.destroy();
        await ministack.stop();
      },
    };
  },
});

describe("the images of ECR", () => {
  const open = async (region?: string) => {
    const opened = await openStandIn(region);
    onTestFinished(opened.close);
    const digest = opened.standIn.services.ecr.push(REPOSITORY, "v1", "one");
    const resolve = async (): Promise<unknown> =>
      opened.images.resolve({ repository: REPOSITORY, tag: "v1" }).catch((error: unknown) => error);
    return { ...opened, digest, resolve };
  };

  it("have a uri with registry, region, repository and digest", async () => {
    const { digest, resolve } = await open();
    expect(await resolve()).toMatchObject({
      uri: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/${REPOSITORY}@${digest}`,
    });
  });

  it("have China's domain in China", async () => {
    const { digest, resolve } = await open("cn-north-1");
    expect(await resolve()).toMatchObject({
      uri: `123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/${REPOSITORY}@${digest}`,
    });
  });

  it("are asked for one tag at a time, with nothing else", async () => {
    const { standIn, resolve } = await open();
    await resolve();
    expect(standIn.calls).toHaveLength(1);
    expect(standIn.calls[0]).toMatchObject({
      action: "ecr:DescribeImages",
      input: { repositoryName: REPOSITORY, imageIds: [{ imageTag: "v1" }] },
    });
  });

  it("say which permission is missing", async () => {
    const { standIn, resolve } = await open();
    standIn.inject({ action: "ecr:DescribeImages", answer: "deny" });
    expect(await resolve()).toMatchObject({
      code: "aws.access-denied",
      remedy: expect.stringContaining("ecr:DescribeImages"),
    });
  });

  it("are asked for again when AWS throttles or the connection is lost: looking changes nothing", async () => {
    const { standIn, resolve, digest } = await open();
    standIn.inject({ action: "ecr:DescribeImages", answer: "throttle" });
    standIn.inject({ action: "ecr:DescribeImages", calls: [2], answer: "hang-up" });
    expect(await resolve()).toMatchObject({ digest });
    expect(standIn.count("ecr:DescribeImages")).toBe(3);
  });
});
