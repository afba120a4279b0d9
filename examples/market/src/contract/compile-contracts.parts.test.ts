// The artefacts in the repository are what the compiler makes of the contracts.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compileContract, formatArtifact } from "./compile-contracts.ts";

test.each(["Market", "RejectingCallback"])("%s.json is current (npm run build -w @tidegate/market-example)", (name) => {
  const path = fileURLToPath(new URL(`../../contracts/${name}`, import.meta.url));
  expect(readFileSync(`${path}.json`, "utf8")).toBe(formatArtifact(compileContract(`${path}.sol`)));
});
