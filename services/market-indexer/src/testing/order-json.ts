// Orders as the order stream writes them.
import type { ProofRequest } from "../decode/abi.ts";
import { createRequestDigest } from "../decode/request-digest.ts";
import { CHAIN_ID, MARKET_ADDRESS } from "./random-history.ts";

/** As text that goes into JSON as it is: a number, decimal text, hexadecimal text. */
export type NumberForm = (value: bigint) => string;

const digestOfRequest = createRequestDigest({ chainId: CHAIN_ID, marketAddress: MARKET_ADDRESS });

/** `changes`: members as JSON, in place of the true ones. */
export function orderJson(
  id: string,
  request: ProofRequest,
  form: NumberForm,
  changes: Record<string, string> = {},
): string {
  const hex = (bytes: Buffer): string => `"0x${bytes.toString("hex")}"`;
  const { callback, predicate, selector } = request.requirements;
  const offer = Object.entries(request.offer).map(([name, value]) => `"${name}": ${form(BigInt(value))}`);
  const predicateTypes = ["DigestMatch", "PrefixMatch", "ClaimDigestMatch"];
  const isByName = form !== String;
  const body = `{
    "id": ${form(request.id)},
    "requirements": {
      "callback": { "addr": ${hex(callback.addr)}, "gasLimit": ${form(callback.gasLimit)} },
      "predicate": {
        "predicateType": ${isByName ? `"${predicateTypes[predicate.predicateType]}"` : predicate.predicateType},
        "data": ${hex(predicate.data)}
      },
      "selector": ${hex(selector)}
    },
    "imageUrl": ${JSON.stringify(request.imageUrl.toString("utf8"))},
    "input": {
      "inputType": ${isByName ? `"${["Inline", "Url"][request.input.inputType]}"` : request.input.inputType},
      "data": ${hex(request.input.data)}
    },
    "offer": { ${offer.join(", ")} }
  }`;
  const digest = changes["digest"] ?? hex(digestOfRequest(request));
  const signature = changes["signature"] ?? `"0x${"ab".repeat(65)}"`;
  const createdAt = changes["createdAt"] ?? `"2023-11-14T22:13:30.987654321Z"`;
  return `{"id": "${id}", "created_at": ${createdAt}, "order": {"request": ${body}, "request_digest": ${digest}, "signature": ${signature}}}`;
}

/** One page; `next` is the cursor of the one after it. */
export function orderPage(orders: readonly string[], next?: string): string {
  return `{"orders": [${orders.join(",")}], "next_cursor": ${next === undefined ? "null" : `"${next}"`}, "has_more": ${next !== undefined}}`;
}
