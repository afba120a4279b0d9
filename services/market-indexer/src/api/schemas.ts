// What the API answers, as zod schemas: the OpenAPI document and the tests' checks are made from these.
import { z } from "@hono/zod-openapi";

const hex = (pattern: RegExp, description: string) => z.string().regex(pattern).openapi({ description });

const hash = (description: string) => hex(/^0x[0-9a-f]{64}$/, description);
const address = (description: string) => hex(/^0x[0-9a-f]{40}$/, description);
const bytes = (description: string) => hex(/^0x(?:[0-9a-f]{2})*$/, description);
const amount = (description: string) =>
  z
    .string()
    .regex(/^\d{1,78}$/)
    .openapi({ description: `${description} A decimal number in the smallest unit.`, example: "1000000000000000000" });
const formatted = (unit: "ETH" | "ZKC") =>
  z
    .string()
    .regex(new RegExp(`^\\d+\\.\\d+ ${unit}$`))
    .openapi({ description: "The same, readable and exact.", example: `1.0 ${unit}` });

/** Not z.int(): a requestor may choose times beyond 2^53, which are written with all their digits. */
const integer = (description: string) => z.number().openapi({ type: "integer", minimum: 0, description });
const iso = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  .openapi({ description: "The same as ISO 8601, UTC.", example: "2026-11-21T04:05:06Z" });

/** Unix seconds; its `_iso` twin is null where the year would need more than four digits. */
const unixSeconds = (description: string) => integer(`${description} Unix seconds.`);

export const requestSchema = z
  .object({
    request_digest: hash("EIP-712 digest of the request; unique."),
    request_id: hex(/^0x[0-9a-f]{1,64}$/, "Client address and index; several digests may share it."),
    request_status: z.enum(["submitted", "locked", "fulfilled", "expired"]),
    slashed_status: z.enum(["N/A", "Pending", "Slashed"]).openapi({
      description: "Pending: the locking prover missed its deadline and can be slashed.",
    }),
    source: z.enum(["onchain", "offchain", "unknown"]).openapi({
      description: "Where the request was first seen; unknown: only in the lock that carried it.",
    }),
    client_address: address("Who asks."),
    lock_prover_address: address("Who locked it.").nullable(),
    fulfill_prover_address: address("Who fulfilled it.").nullable(),

    created_at: unixSeconds("When it was submitted."),
    created_at_iso: iso.nullable(),
    updated_at: unixSeconds("Chain time of the last change of its status."),
    updated_at_iso: iso.nullable(),
    locked_at: unixSeconds("When it was locked.").nullable(),
    locked_at_iso: iso.nullable(),
    fulfilled_at: unixSeconds("When it was fulfilled.").nullable(),
    fulfilled_at_iso: iso.nullable(),
    slashed_at: unixSeconds("When its prover was slashed.").nullable(),
    slashed_at_iso: iso.nullable(),
    lock_prover_delivered_proof_at: unixSeconds("First delivery by the locking prover.").nullable(),
    lock_prover_delivered_proof_at_iso: iso.nullable(),
    ramp_up_start: unixSeconds("When the price begins to rise."),
    ramp_up_start_iso: iso.nullable(),
    ramp_up_period: integer("Seconds in which the price rises from min_price to max_price."),
    lock_end: unixSeconds("Deadline of the prover that locked it."),
    lock_end_iso: iso.nullable(),
    expires_at: unixSeconds("Deadline for everybody."),
    expires_at_iso: iso.nullable(),

    submit_block: integer("Block of the submission; null for an off-chain request.").nullable(),
    lock_block: integer("Block of the lock.").nullable(),
    fulfill_block: integer("Block of the fulfilment.").nullable(),
    slashed_block: integer("Block of the slashing.").nullable(),
    submit_tx_hash: hash("Transaction of the submission; null for an off-chain request.").nullable(),
    lock_tx_hash: hash("Transaction of the lock.").nullable(),
    fulfill_tx_hash: hash("Transaction of the fulfilment.").nullable(),
    slash_tx_hash: hash("Transaction of the slashing.").nullable(),

    min_price: amount("Price until ramp_up_start."),
    min_price_formatted: formatted("ETH"),
    max_price: amount("Price after the ramp."),
    max_price_formatted: formatted("ETH"),
    lock_price: amount("Price at the moment of the lock.").nullable(),
    lock_price_formatted: formatted("ETH").nullable(),
    lock_collateral: amount("What a prover stakes to lock it."),
    lock_collateral_formatted: formatted("ZKC"),
    slash_recipient: address("Who received the transferred part of the collateral.").nullable(),
    slash_transferred_amount: amount("Collateral transferred.").nullable(),
    slash_transferred_amount_formatted: formatted("ZKC").nullable(),
    slash_burned_amount: amount("Collateral burned.").nullable(),
    slash_burned_amount_formatted: formatted("ZKC").nullable(),

    image_id: hash("The program to prove; null where the predicate names none.").nullable(),
    image_url: z.string().openapi({ description: "Where the program can be fetched." }),
    selector: hex(/^0x[0-9a-f]{8}$/, "Kind of proof asked for."),
    predicate_type: z.enum(["DigestMatch", "PrefixMatch", "ClaimDigestMatch"]),
    predicate_data: bytes("What the proof must match."),
    input_type: z.enum(["Inline", "Url"]),
    input_data: bytes("The input itself, or the UTF-8 bytes of its URL."),
    fulfill_seal: bytes("Seal of the earliest proof that the fulfilling prover delivered.").nullable(),
  })
  .openapi("Request");

export type RequestObject = z.infer<typeof requestSchema>;

export const requestListSchema = z
  .object({
    chain_id: integer("Chain that is indexed."),
    data: z.array(requestSchema),
    next_cursor: z
      .string()
      .nullable()
      .openapi({ description: "Pass as `cursor` for the next page; null on the last." }),
    has_more: z.boolean(),
  })
  .openapi("RequestList");

export const marketSchema = z
  .object({
    chain_id: integer("Chain that is indexed."),
    last_indexed_block: integer("Last block whose events are stored."),
    last_indexed_block_timestamp: unixSeconds("Time of that block."),
    last_indexed_block_timestamp_iso: iso.nullable(),
  })
  .openapi("Market");

export const healthSchema = z
  .object({ status: z.literal("healthy"), service: z.literal("indexer-api") })
  .openapi("Health");

export const errorSchema = z
  .object({
    error: z.string().openapi({ description: "The status in words.", example: "Bad Request" }),
    message: z.string().openapi({ description: "What happened, in a sentence." }),
  })
  .openapi("Error");

export type ErrorBody = z.infer<typeof errorSchema>;
