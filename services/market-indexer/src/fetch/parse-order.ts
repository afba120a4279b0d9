// One order of the order stream, in any of the number forms that its clients send.
import { hexToBuffer } from "@tidegate/chain";
import * as z from "zod";
import { INPUT_TYPES, PREDICATE_TYPES, type ProofRequest } from "../decode/abi.ts";
import type { RequestDigest } from "../decode/request-digest.ts";
import type { OffchainRequest } from "../types.ts";

/** A uint of `bits`: a number, its decimal text, or 0x and hexadecimal digits. */
const uint = (bits: number): z.ZodType<bigint> =>
  z
    .union([z.int().nonnegative(), z.bigint().nonnegative(), z.string().regex(/^(\d{1,78}|0x[0-9a-fA-F]{1,64})$/)])
    .transform(BigInt)
    .refine((value) => value < 1n << BigInt(bits), { error: `must fit ${bits} bits` });

const uint32 = uint(32).transform(Number);

const bytes = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})*$/, { error: "must be 0x and pairs of hexadecimal digits" })
  .transform((hex) => hexToBuffer(hex));

const fixedBytes = (length: number): z.ZodType<Buffer> =>
  bytes.refine((value) => value.length === length, { error: `must have ${length} bytes` });

/** An enum by name or by number, to its number. */
const enumOf = (names: readonly [string, ...string[]]): z.ZodType<number> =>
  z.union([
    z.enum(names).transform((name) => names.indexOf(name)),
    z
      .int()
      .min(0)
      .max(names.length - 1),
  ]);

/** 65 bytes as one hex text, or as an object of r, s and the parity of y (v is 27 + parity). */
const signature = z.union([
  bytes,
  z
    .object({ r: uint(256), s: uint(256), yParity: uint(8).optional(), v: uint(8).optional() })
    .transform(({ r, s, yParity, v }) => joinSignature(r, s, yParity ?? v ?? 0n)),
]);

const orderSchema = z.object({
  created_at: z.iso.datetime({ offset: true }).transform((text) => BigInt(Math.floor(Date.parse(text) / 1000))),
  order: z.object({
    request_digest: fixedBytes(32),
    signature,
    request: z.object({
      id: uint(256),
      requirements: z.object({
        callback: z.object({ addr: fixedBytes(20), gasLimit: uint(96) }),
        predicate: z.object({ predicateType: enumOf(PREDICATE_TYPES), data: bytes }),
        selector: fixedBytes(4),
      }),
      imageUrl: z.string().transform((text) => Buffer.from(text, "utf8")),
      input: z.object({ inputType: enumOf(INPUT_TYPES), data: bytes }),
      offer: z.object({
        minPrice: uint(256),
        maxPrice: uint(256),
        rampUpStart: uint(64),
        rampUpPeriod: uint32,
        lockTimeout: uint32,
        timeout: uint32,
        lockCollateral: uint(256),
      }),
    }),
  }),
});

/** The request of an order, or why it is refused. The digest is computed, never believed. */
export function parseOrder(
  order: unknown,
  digestOf: RequestDigest,
): OffchainRequest | { readonly order: string; readonly reason: string } {
  const parsed = orderSchema.safeParse(order);
  const id = nameOf(order);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    return { order: id, reason: problems.join("; ") };
  }
  const { created_at, order: content } = parsed.data;
  const request: ProofRequest = content.request;
  const digest = digestOf(request);
  if (!digest.equals(content.request_digest)) {
    return {
      order: id,
      reason: `says that its digest is ${content.request_digest.toString("hex")}, but its request has ${digest.toString("hex")}`,
    };
  }
  return { digest, request, clientSignature: content.signature, createdAt: created_at };
}

function nameOf(order: unknown): string {
  const id: unknown = typeof order === "object" && order !== null && "id" in order ? order.id : undefined;
  return typeof id === "string" || typeof id === "number" ? String(id) : "?";
}

function joinSignature(r: bigint, s: bigint, parityOrV: bigint): Buffer {
  const word = (value: bigint): string => value.toString(16).padStart(64, "0");
  const v = Number(parityOrV < 27n ? parityOrV + 27n : parityOrV);
  return Buffer.from(word(r) + word(s) + v.toString(16).padStart(2, "0"), "hex");
}
