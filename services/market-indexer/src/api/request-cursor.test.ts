// Cursors: what we gave out comes back as it was, everything else is refused.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "./request-cursor.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

const position = fc.record({
  timestamp: fc.bigInt({ min: 0n, max: BigInt(Number.MAX_SAFE_INTEGER) }),
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
});

const base64 = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString("base64");
const digest = `0x${"ab".repeat(32)}`;

describe(`cursors (SEED=${SEED})`, () => {
  it("come back as they were, padded or not, and need no escaping but of =", () => {
    const property = fc.property(position, (place) => {
      const cursor = encodeCursor(place);
      expect(cursor).toMatch(/^[A-Za-z0-9]+=*$/);
      expect(decodeCursor(cursor)).toEqual(place);
      expect(decodeCursor(cursor.replace(/=+$/, ""))).toEqual(place);
    });
    fc.assert(property, { seed: SEED });
  });

  it("have the documented form", () => {
    const cursor = encodeCursor({ timestamp: 1_700_000_000n, digest: Buffer.alloc(32, 0xab) });
    const json: unknown = JSON.parse(Buffer.from(cursor, "base64").toString());
    expect(json).toEqual({ timestamp: 1_700_000_000, request_digest: digest });
  });

  it.each([
    ["nothing", ""],
    ["no base64", "%%%"],
    ["no JSON", Buffer.from("{").toString("base64")],
    ["JSON of another kind", base64(17)],
    ["null", base64(null)],
    ["a missing digest", base64({ timestamp: 1 })],
    ["a short digest", base64({ timestamp: 1, request_digest: "0xab" })],
    ["a fraction", base64({ timestamp: 1.5, request_digest: digest })],
    ["a time that no number holds", base64({ timestamp: 2 ** 60, request_digest: digest })],
    ["a negative time", base64({ timestamp: -1, request_digest: digest })],
    ["a time in text", base64({ timestamp: "1", request_digest: digest })],
    ["a further field", base64({ timestamp: 1, request_digest: digest, offset: 3 })],
  ])("are refused when they hold %s", (_, text) => {
    expect(decodeCursor(text)).toBeUndefined();
  });

  it("never throw, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json().map(base64)), (text) => {
        expect(decodeCursor(text)?.digest.length ?? 32).toBe(32);
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });
});
