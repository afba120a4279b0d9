import { expect, it } from "vitest";
import { javaMajor, kafkaOff } from "./find-java.ts";

it.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['openjdk version "21" 2023-09-19', 21],
  ['java version "1.8.0_392"', 8],
  ["something else", undefined],
])("reads the major version of %s", (text, major) => expect(javaMajor(text)).toBe(major));

it("is off without Java, and says what brings it", () => {
  expect(kafkaOff({ PATH: "/nowhere" })).toEqual({
    reason: "there is no Java on the PATH",
    remedy: expect.stringContaining("KAFKA_BROKER_URLS") as string,
  });
});
