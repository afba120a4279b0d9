import { resolve } from "node:path";
import { loadSettings } from "@tidegate/kernel";
import { expect, it } from "vitest";
import { installationSettings } from "./settings.ts";

it("makes the home absolute: services are started in folders of their own", () => {
  expect(loadSettings(installationSettings, { argv: ["--home", "./rel"] }).values.home).toBe(resolve("rel"));
  expect(loadSettings(installationSettings, { env: { TIDEGATE_HOME: "../rel" } }).values.home).toBe(resolve("../rel"));
});
