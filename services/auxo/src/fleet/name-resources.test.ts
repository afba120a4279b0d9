import { expect, it } from "vitest";
import { parseEvent } from "../event/parse-event.ts";
import { DEFAULT_FLEET, fleetSchema, writersOf } from "./fleet-schema.ts";
import { nameResources } from "./name-resources.ts";

const INPUT = parseEvent({ upgrade_tag: "t", prefix: "dev4", region: "ap-northeast-1", regionAbbrev: "apne1" });

it("names the document's fleet as its infrastructure does", () => {
  expect(Object.keys(DEFAULT_FLEET.services)).toEqual(["comlink", "ender", "roundtable", "socks", "vulcan"]);
  expect(writersOf(DEFAULT_FLEET)).toEqual(["ender", "roundtable"]);
  const names = nameResources(DEFAULT_FLEET, INPUT);
  expect(names).toMatchObject({
    cluster: "dev4-indexer-apne1-cluster",
    region: "ap-northeast-1",
    bazooka: { function: "bazooka_lambda_function", repository: "dev4-indexer-bazooka" },
  });
  expect(names.services["ender"]).toEqual({
    service: "dev4-indexer-apne1-ender",
    family: "dev4-indexer-apne1-ender-task",
    repository: "dev4-indexer-ender",
  });
});

it("says what an event leaves out, and takes it from the fleet where the fleet says it", () => {
  const bare = parseEvent({ upgrade_tag: "t" });
  expect(() => nameResources(DEFAULT_FLEET, bare)).toThrow("need prefix, region, regionAbbrev");
  const fleet = fleetSchema.parse({
    ...DEFAULT_FLEET,
    event: { prefix: "p", region: "eu-west-1", regionAbbrev: "euw1" },
  });
  expect(nameResources(fleet, bare).cluster).toBe("p-indexer-euw1-cluster");
});

it("needs no environment for processes", () => {
  const fleet = fleetSchema.parse({ name: "own", platform: "processes", services: { api: {} }, migrator: null });
  const names = nameResources(fleet, parseEvent({ upgrade_tag: "t" }));
  expect(names).toMatchObject({ target: "own", region: null, bazooka: null });
  expect(names.services["api"]?.repository).toBe("api");
});
