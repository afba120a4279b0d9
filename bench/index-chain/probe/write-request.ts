// The digest of a request that an event carries, and its row, which is written where the request is seen first. That is the row that the
// indexer comes to: on this chain no request is announced after its lock.
import type { CopyRows } from "./copy-rows.ts";
import type { EventContext } from "./event-context.ts";
import { createRequestHash, readParts, u32, type RequestParts } from "./request-hash.ts";
import type { ScannedLog } from "./scan-logs.ts";

interface CarriedRequest {
  /** Offsets in the event's data: where the request begins, and the signature, with which the request's bytes end. */
  readonly start: number;
  readonly signature: number;
  readonly source: "onchain" | "unknown";
}

/** Returns the digest of the request. */
export type WriteRequest = (carried: CarriedRequest, log: ScannedLog, time: number) => Buffer;

interface Known {
  readonly request: Buffer;
  readonly digest: Buffer;
}

/** Digests kept, because a lock carries what a submission carried before. */
const REMEMBERED = 4_096;
const PREDICATE_TYPES = ["DigestMatch", "PrefixMatch", "ClaimDigestMatch"];
const CLAIM_DIGEST_MATCH = 2;
const INPUT_TYPES = ["Inline", "Url"];

const NO_PARTS: RequestParts = {
  id: 0,
  callback: 0,
  predicate: 0,
  predicateData: 0,
  selector: 0,
  imageUrl: 0,
  inputType: 0,
  inputData: 0,
  offer: 0,
};

export function createRequestWriter(
  context: EventContext,
  chain: { readonly chainId: number; readonly market: string },
): WriteRequest {
  const { data, id } = context;
  const hashRequest = createRequestHash(chain.chainId, chain.market);
  const digests = new Map<string, Known>();
  const stored = new Set<string>();
  const parts = { ...NO_PARTS };

  const digestOf = (start: number, end: number): Buffer => {
    const key = id.toString("latin1", 8, 32);
    const known = digests.get(key);
    if (known !== undefined && known.request.compare(data, start, end) === 0) return known.digest;
    const digest = Buffer.allocUnsafeSlow(32);
    hashRequest(data, parts, digest, 0);
    digests.delete(key);
    digests.set(key, { request: Buffer.from(data.subarray(start, end)), digest });
    if (digests.size > REMEMBERED) digests.delete(digests.keys().next().value ?? "");
    return digest;
  };

  return (carried, log, time) => {
    readParts(data, carried.start, parts);
    const digest = digestOf(carried.start, carried.signature);
    const key = digest.toString("latin1");
    if (!stored.has(key)) {
      stored.add(key);
      writeRow(context, parts, { ...carried, digest, log, time });
    }
    return digest;
  };
}

function writeRow(
  { rows, data, id, transactionHash }: EventContext,
  parts: RequestParts,
  seen: CarriedRequest & { readonly digest: Buffer; readonly log: ScannedLog; readonly time: number },
): void {
  const to = rows.proof_requests;
  const dynamic = (lengthAt: number): void => to.bytes(data, lengthAt + 32, u32(data, lengthAt));
  const predicateType = u32(data, parts.predicate);
  to.row(to.fields);
  to.bytes(seen.digest, 0, 32);
  to.bytes(id, 0, 32);
  to.bytes(id, 8, 20);
  to.text(seen.source);
  to.text(PREDICATE_TYPES[predicateType] ?? "");
  dynamic(parts.predicateData);
  to.bytes(data, parts.callback + 12, 20);
  to.numeric(data, parts.callback + 32);
  to.bytes(data, parts.selector, 4);
  to.text(INPUT_TYPES[u32(data, parts.inputType)] ?? "");
  dynamic(parts.inputData);
  if (predicateType === CLAIM_DIGEST_MATCH || u32(data, parts.predicateData) < 32) to.null();
  else to.bytes(data, parts.predicateData + 32, 32);
  dynamic(parts.imageUrl);
  writeOffer(to, data, parts.offer);
  dynamic(seen.signature);
  to.int8(seen.time);
  to.bytes(transactionHash, 0, 32);
  to.int8(seen.log.blockNumber);
  to.int4(seen.log.logIndex);
  to.int8(seen.time);
}

/** Offsets of minPrice, maxPrice and lockCollateral, then of rampUpStart, rampUpPeriod, lockTimeout and timeout. */
function writeOffer(to: CopyRows, data: Buffer, offer: number): void {
  for (const field of [0, 32, 192, 64]) to.numeric(data, offer + field);
  for (const field of [96, 128, 160]) to.int8(u32(data, offer + field));
  // The times of this chain fit 32 bits.
  const start = u32(data, offer + 64);
  for (const field of [128, 160]) writeTime(to, start + u32(data, offer + field));
}

const WORD = Buffer.alloc(32);

function writeTime(to: CopyRows, time: number): void {
  WORD.writeUInt32BE(Math.floor(time / 4_294_967_296), 24);
  WORD.writeUInt32BE(time >>> 0, 28);
  to.numeric(WORD, 0);
}
