import { expect, it } from "vitest";
import { formatReleaseUri, isReleaseTag, parseReleaseUri } from "./release-uri.ts";

const digest = `sha256:${"0a".repeat(32)}`;

it("comes back from its text", () => {
  expect(parseReleaseUri(formatReleaseUri({ tag: "v1.2_b-3", digest }))).toEqual({ tag: "v1.2_b-3", digest });
});

it("is nothing else", () => {
  for (const text of [
    "",
    "release:v1",
    `release:v1@sha256:${"0A".repeat(32)}`,
    `release:v1@sha256:${"0a".repeat(31)}`,
    `release:../v1@${digest}`,
    `release:@${digest}`,
    ` release:v1@${digest}`,
    `release:v1@${digest}\n`,
    `123456789012.dkr.ecr.eu-west-1.amazonaws.com/ender@${digest}`,
  ])
    expect(parseReleaseUri(text), text).toBeUndefined();
});

it("has a tag that is a plain folder name", () => {
  expect(["v1", "4aea7a61", "a.b_c-d"].every(isReleaseTag)).toBe(true);
  expect(["", ".", "..", "a/b", "-a", "a".repeat(129)].some(isReleaseTag)).toBe(false);
});
