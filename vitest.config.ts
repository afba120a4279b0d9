// Five kinds of test, told apart by name and folder; see CONTRIBUTING.md, "Tests".
import { defineConfig } from "vitest/config";

const parts = ["**/*.parts.test.ts"];
const long = ["**/*.long.test.ts"];
const ignored = ["**/node_modules/**", "**/build/**", "**/.tidegate/**"];
const globalSetup = ["tests/setup/postgres.global.ts", "tests/setup/parts.global.ts"];

export default defineConfig({
  test: {
    // The machine has few cores, and most tests wait for servers more than they compute.
    maxWorkers: 3,
    coverage: { include: ["{packages,services,apps,examples}/**/src/**/*.ts"], exclude: ["**/*.test.ts"] },
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: [...ignored, ...parts, ...long, "tests/**"],
          testTimeout: 30_000,
        },
      },
      { test: { name: "docs", include: ["tests/docs/**/*.test.ts"], exclude: ignored, testTimeout: 10_000 } },
      {
        test: {
          name: "parts",
          include: parts,
          exclude: ignored,
          globalSetup,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          exclude: [...ignored, ...long],
          globalSetup,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "chaos",
          include: ["tests/chaos/**/*.test.ts"],
          exclude: [...ignored, ...long],
          globalSetup,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "long",
          include: long,
          exclude: ignored,
          globalSetup,
          testTimeout: 3_600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
