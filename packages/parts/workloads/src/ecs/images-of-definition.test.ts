import { expect, it } from "vitest";
import { releaseOfImage, repositoryOf, serviceContainers, serviceImage } from "./images-of-definition.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

it.each<[string | null, string | undefined]>([
  ["1.dkr.ecr.eu-west-1.amazonaws.com/dev-indexer-ender:4aea7a61", "4aea7a61"],
  [`1.dkr.ecr.eu-west-1.amazonaws.com/ender@${DIGEST}`, "sha256:0123456789ab"],
  [`localhost:5000/ender:v2@${DIGEST}`, "v2"],
  ["localhost:5000/ender", undefined],
  [null, undefined],
])("the release of %s is %s", (image, release) => expect(releaseOfImage(image)).toBe(release));

it("keeps a registry's port in the repository", () => {
  expect(repositoryOf("localhost:5000/ender:v1")).toBe("localhost:5000/ender");
  expect(repositoryOf(`localhost:5000/ender@${DIGEST}`)).toBe("localhost:5000/ender");
});

it("knows the service's container by the end of its name", () => {
  const names = { service: "s", family: "f" };
  const definition = {
    containerDefinitions: [
      { name: "dev-indexer-apne1-ender-service-container", image: "a:1" },
      { name: "dev-indexer-apne1-ender-datadog-agent", image: "b:1" },
    ],
  };
  expect(serviceImage(definition, names)).toBe("a:1");
  expect(serviceContainers(definition, { ...names, container: "agent" })).toEqual([
    "dev-indexer-apne1-ender-datadog-agent",
  ]);
  expect(serviceImage(definition, { ...names, container: "nothing" })).toBeNull();
});
