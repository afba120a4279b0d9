// --log-json false: every field stays, on one line.
import { createLogger } from "@tidegate/kernel";
import { expect, it } from "vitest";
import { createPlainLines } from "./plain-lines.ts";

it("writes time, level, place, message and context on one line", () => {
  const lines: string[] = [];
  const logger = createLogger({ service: "market-indexer", destination: createPlainLines((text) => lines.push(text)) });
  logger.warn("pipeline#step", "Trying again", { head: 7n, error: new Error("two\nlines"), tags: ["a"] });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /^\d{4}-\d\d-\d\dT[\d:.]+Z WARN {2}pipeline#step: Trying again head=7 error=\{.*two\\nlines.*\} tags=\["a"\]\n$/,
  );
});
