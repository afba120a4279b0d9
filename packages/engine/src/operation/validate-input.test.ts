import * as fc from "fast-check";
import { expect, it } from "vitest";
import * as z from "zod";
import { InputInvalid } from "../errors/operation-errors.ts";
import { validateInput } from "./validate-input.ts";

const input = z.strictObject({
  name: z.string().min(2).max(5),
  count: z.int().min(1).max(100).default(1),
  mode: z.enum(["fast", "safe"]).optional(),
  targets: z
    .array(z.strictObject({ weight: z.number().positive(), token: z.string().max(3).optional() }))
    .max(3)
    .default([]),
  either: z.union([z.string(), z.int()]).optional(),
});
const operation = { name: "sample", input };
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

function problems(raw: unknown): readonly string[] {
  try {
    validateInput(operation, raw);
    return [];
  } catch (error) {
    if (!(error instanceof InputInvalid)) throw error;
    return error.problems.map((one) => `${one.path}|${one.value ?? ""}|${one.problem}`);
  }
}

it.each([
  [{ name: "abc", count: 0 }, ["count|0|must be at least 1"]],
  [{ name: "abc", count: 1.5 }, ["count|1.5|must be a whole number"]],
  [{ name: "abcdefgh" }, ['name|"abcdefgh"|must have at most 5 characters']],
  [{}, ["name||must be text"]],
  [{ name: "abc", mode: "slow" }, ['mode|"slow"|must be "fast" or "safe"']],
  [{ name: "abc", nme: 1 }, ["nme|1|is not a known field"]],
  [{ name: "abc", targets: [{ weight: 1 }, { weight: "x" }] }, ['targets[1].weight|"x"|must be a number']],
  [
    { name: "abc", targets: [{ weight: 1, token: "hunter22" }] },
    ["targets[0].token|[secret]|must have at most 3 characters"],
  ],
  [{ name: "abc", either: true }, ["either|true|must be text, or must be a number"]],
  [null, ["(input)|null|must be an object"]],
  [[], ["(input)|[]|must be an object"]],
])("says of %j where, what and what is allowed", (raw, said) => {
  expect(problems(raw)).toEqual(said);
});

it("refuses what is too deep or too large", () => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 5_000; depth++) deep = [deep];
  expect(problems(deep)).toEqual(["(input)||must not be nested deeper than 100"]);
  expect(problems({ name: "x".repeat(2_000_000) })).toEqual(["(input)||must not be larger than 1048576 characters"]);
});

it(`accepts or refuses 10,000 generated inputs, and does nothing else (SEED=${SEED})`, () => {
  const seen = { accepted: 0, refused: 0 };
  const nearly = fc.record(
    {
      name: fc.string({ maxLength: 8 }),
      count: fc.oneof(fc.integer(), fc.double(), fc.string()),
      mode: fc.constantFrom("fast", "safe", "x", 1),
      targets: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue({ maxDepth: 6 }), nearly, fc.object({ withNullPrototype: true })), (raw) => {
      seen[problems(raw).length === 0 ? "accepted" : "refused"] += 1;
    }),
    { seed: SEED, numRuns: 10_000 },
  );
  expect(seen.accepted).toBeGreaterThan(10);
  expect(seen.refused).toBeGreaterThan(1_000);
});
