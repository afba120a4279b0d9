// Seeded requests for the API's tests: rows of proof_requests, request_status and proofs that belong together.
import type { Random } from "@tidegate/kernel";
import type { Queryable } from "@tidegate/postgres";
import { insertRows, type FixtureRow } from "./market-database.ts";

export interface RequestFixture {
  /** 64 hexadecimal digits. */
  readonly digest: string;
  readonly requestId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly asked: FixtureRow;
  readonly status: FixtureRow;
  readonly proof: FixtureRow | undefined;
}

const bytea = (bytes: Buffer): string => `\\x${bytes.toString("hex")}`;

/** `count` requests whose times fall on few seconds, so that ties are many; about a third is fulfilled. */
export function seededRequests(random: Random, count: number, times: { from: number; to: number }): RequestFixture[] {
  return Array.from({ length: count }, () => seededRequest(random, times));
}

export async function insertRequests(pool: Queryable, requests: readonly RequestFixture[]): Promise<void> {
  const proofs = requests.flatMap((one) => (one.proof === undefined ? [] : [one.proof]));
  await insertRows(
    pool,
    "proof_requests",
    requests.map((one) => one.asked),
  );
  await insertRows(
    pool,
    "request_status",
    requests.map((one) => one.status),
  );
  await insertRows(pool, "proofs", proofs);
}

function seededRequest(random: Random, times: { from: number; to: number }): RequestFixture {
  const digest = random.bytes(32);
  const client = random.bytes(20);
  const requestId = Buffer.concat([Buffer.alloc(8), client, Buffer.from([0, 0, 0, random.integer(0, 255)])]);
  const createdAt = random.integer(times.from, times.to);
  const updatedAt = createdAt + random.integer(0, 3);
  const isFulfilled = random.next() < 0.33;
  const prover = random.bytes(20);
  const block = random.integer(1, 1_000_000);
  const common = { request_digest: bytea(digest), request_id: bytea(requestId), client_address: bytea(client) };
  const deadlines = { lock_end: String(createdAt + 600), expires_at: String(createdAt + 1_200) };
  const fulfilled = {
    fulfilled_at: updatedAt,
    fulfill_prover_address: bytea(prover),
    fulfill_block: block,
    fulfill_tx_hash: bytea(random.bytes(32)),
  };
  return {
    digest: digest.toString("hex"),
    requestId: requestId.toString("hex"),
    createdAt,
    updatedAt,
    asked: { ...common, ...deadlines, ...askedContent(random, createdAt) },
    status: {
      ...common,
      ...deadlines,
      source: "onchain",
      request_status: isFulfilled ? "fulfilled" : random.pick(["submitted", "locked", "expired"]),
      slashed_status: random.pick(["N/A", "Pending"]),
      created_at: createdAt,
      updated_at: updatedAt,
      submit_block: block,
      submit_tx_hash: bytea(random.bytes(32)),
      ...(isFulfilled ? fulfilled : {}),
    },
    proof: isFulfilled
      ? proofRow(random, { ...common, prover_address: bytea(prover), block_number: block })
      : undefined,
  };
}

function askedContent(random: Random, createdAt: number): FixtureRow {
  const isUrl = random.next() < 0.5;
  return {
    source: "onchain",
    predicate_type: random.pick(["DigestMatch", "PrefixMatch", "ClaimDigestMatch"]),
    predicate_data: bytea(random.bytes(random.integer(0, 64))),
    callback_address: bytea(Buffer.alloc(20)),
    callback_gas_limit: "0",
    selector: bytea(random.bytes(4)),
    input_type: isUrl ? "Url" : "Inline",
    input_data: bytea(random.bytes(random.integer(0, 100))),
    image_id: random.next() < 0.8 ? bytea(random.bytes(32)) : null,
    image_url: random.pick(["", "https://example.com/img", "https://example.com/ü?a=1&b=<2>"]),
    min_price: String(random.integer(0, 10)),
    max_price: BigInt(`0x${random.bytes(random.integer(1, 32)).toString("hex")}`).toString(),
    lock_collateral: "5000000000000000000",
    ramp_up_start: String(createdAt),
    ramp_up_period: 60,
    lock_timeout: 600,
    timeout: 1_200,
    client_signature: bytea(random.bytes(65)),
    submission_timestamp: createdAt,
  };
}

function proofRow(random: Random, common: FixtureRow & { readonly block_number: number }): FixtureRow {
  const { client_address: _, ...keys } = common;
  return {
    ...keys,
    log_index: random.integer(0, 1_000_000),
    tx_hash: bytea(random.bytes(32)),
    block_timestamp: 0,
    claim_digest: bytea(random.bytes(32)),
    fulfillment_data_type: "None",
    fulfillment_data: "\\x",
    seal: bytea(random.bytes(40)),
  };
}
