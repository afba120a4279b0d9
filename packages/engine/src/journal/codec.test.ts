import { Secret, TidegateError } from "@tidegate/kernel";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { decode, encode } from "./codec.ts";
import { decodeError } from "./decode-error.ts";
import { encodeError } from "./encode-error.ts";
import { scrub } from "./scrub.ts";

const WHAT = { what: "It" };
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("\0", "\ud800", "$", "n", "é") }),
    fc.double(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("$", "__proto__", "constructor", "n")), tie("value"), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    fc.uniqueArray(fc.string(), { maxLength: 3 }).map((items) => new Set(items)),
  ),
})).value;

it(`gives back what it was given, whatever it is (SEED=${SEED})`, () => {
  fc.assert(
    fc.property(anything, (value) => {
      const text = encode(value, WHAT);
      // PostgreSQL's text has no NUL.
      expect(text).not.toContain("\0");
      expect(decode(text)).toEqual(value);
      expect(Object.is(value, -0) ? Object.is(decode(text), -0) : true).toBe(true);
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

it.each([
  ["a function", { f: () => 1 }, "f is a function"],
  ["a symbol", [Symbol("x")], "[0] is a symbol"],
  ["an instance", { at: { of: new URL("http://wallet") } }, "at.of is a URL, not plain data"],
  ["a promise", Promise.resolve(), "(value) is a Promise, not plain data"],
  ["a secret", { token: new Secret("x") }, "token is a Secret, not plain data"],
])("refuses %s, with its path", (_, value, problem) => {
  expect(() => encode(value, WHAT)).toThrow(`It cannot be recorded: ${problem}.`);
});

it("refuses a cycle, and a secret inside any text", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  expect(() => encode(cycle, WHAT)).toThrow("self contains itself");
  const secrets = [new Secret("hunter22")];
  expect(() => encode({ urls: ["postgres://me:hunter22@host"] }, { ...WHAT, secrets })).toThrow(
    "urls[0] holds a secret",
  );
  expect(() => encode(new Map([["hunter22", 1]]), { ...WHAT, secrets })).toThrow("holds a secret");
});

it("records errors with all that they say, and no secret", () => {
  const secrets = [new Secret("hunter22")];
  const cause = Object.assign(new RangeError("at hunter22"), { code: "ECONNRESET" });
  const error = new TidegateError({
    code: "a.b",
    message: "No hunter22.",
    remedy: "Ask.",
    details: { amount: 10n ** 30n, note: "hunter22" },
    retry: "later",
    exit: 75,
    cause: new AggregateError([cause, "text"], "both"),
  });
  const data = encodeError(error, secrets);
  expect(
    JSON.stringify(data, (_key, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
  ).not.toContain("hunter22");
  const back = decodeError(decode(encode(data, WHAT)));
  expect(back).toBeInstanceOf(TidegateError);
  expect(back).toMatchObject({
    name: "TidegateError",
    code: "a.b",
    message: "No [secret].",
    details: { amount: 10n ** 30n, note: "[secret]" },
    retry: "later",
    exit: 75,
    cause: {
      name: "AggregateError",
      errors: [
        { name: "RangeError", message: "at [secret]", code: "ECONNRESET" },
        { name: "NonError", message: "text" },
      ],
    },
  });
});

it("records an error whose details cannot be recorded", () => {
  const error = new TidegateError({ code: "a.b", message: "M.", remedy: "R.", details: { f: () => 1 } });
  expect(decodeError(encodeError(error, []))).toMatchObject({ details: { unrecordable: "{}" } });
});

it("scrubs the password of any URL", () => {
  expect(scrub("to postgres://me:p%40ss@host/db and http://x:y@z", [])).toBe(
    "to postgres://me:[secret]@host/db and http://x:[secret]@z",
  );
});
