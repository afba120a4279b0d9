import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fleetNamed, loadFleets } from "./load-fleets.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidegate-fleets-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("knows the document's fleet, and the shipped ones", () => {
  expect([...loadFleets(undefined).keys()]).toEqual(["indexer"]);
  const shipped = loadFleets(new URL("../../../../fleets", import.meta.url).pathname);
  expect(fleetNamed(shipped, "tidegate").services).toEqual({
    "market-indexer": { writer: true },
    "market-api": { writer: false },
  });
  expect(() => fleetNamed(shipped, "tidegates")).toThrow('There is no fleet "tidegates"');
});

it.each([
  ["name: other\nplatform: ecs\nservices: { a: {} }", "the file's name says otherwise"],
  ["name: mine\nplatform: moon\nservices: { a: {} }", "platform: "],
  ["name: mine\nplatform: ecs\nservices: {}", "a fleet has at least one service"],
  ["name: mine\nplatform: ecs\nservices: { a: { writers: true } }", "services.a: "],
  ["name: mine\nplatform: ecs\nservices: { a: {} }\nchecks: [{ url: 'http://x/', above: 3 }]", "`metric` needs"],
  ["name: [", "mine.yaml is no fleet"],
  ["a: &a 1\nb: *a", "mine.yaml is no fleet"],
])("refuses %j", (text, message) => {
  writeFileSync(join(folder, "mine.yaml"), text);
  expect(() => loadFleets(folder)).toThrow(message);
});

it("says that the folder is not there", () => {
  expect(() => loadFleets(join(folder, "none"))).toThrow("is no fleet");
});
