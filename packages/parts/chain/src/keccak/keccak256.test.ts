// Against noble's Keccak-256, of every length around a block, and around what the module takes in at once.
import { keccak_256 } from "@noble/hashes/sha3.js";
import { seededRandom } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import { INPUT_BYTES, RATE } from "./keccak-module.ts";
import { createKeccak256, keccak256 } from "./keccak256.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

describe(`keccak256 (SEED=${SEED})`, () => {
  const random = seededRandom(SEED);
  const expected = (message: Uint8Array): string => Buffer.from(keccak_256(message)).toString("hex");

  it("hashes nothing as the Yellow Paper says", () => {
    expect(keccak256("").toString("hex")).toBe("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  });

  it("hashes messages of up to five blocks as noble does", () => {
    for (let length = 0; length <= 5 * RATE + 1; length++) {
      const message = random.bytes(length);
      expect(keccak256(message).toString("hex"), `of ${length} bytes`).toBe(expected(message));
    }
  });

  it.each([INPUT_BYTES - 1, INPUT_BYTES, INPUT_BYTES + 1, 2 * INPUT_BYTES + 77])(
    "hashes %i bytes as noble does",
    (length) => {
      const message = random.bytes(length);
      expect(keccak256(message).toString("hex")).toBe(expected(message));
    },
  );

  it("hashes a message that comes in pieces", () => {
    const hash = createKeccak256();
    const out = Buffer.alloc(40);
    for (let round = 0; round < 50; round++) {
      const message = random.bytes(random.integer(0, 2_000));
      for (let from = 0; from < message.length;) {
        const to = Math.min(message.length, from + random.integer(1, 200));
        hash.write(message, from, to);
        from = to;
      }
      hash.digest(out, 5);
      expect(out.subarray(5, 37).toString("hex")).toBe(expected(message));
    }
  });

  it("hashes a string as UTF-8", () => {
    expect(keccak256("Grüße")).toEqual(keccak256(Buffer.from("Grüße", "utf8")));
  });
});
