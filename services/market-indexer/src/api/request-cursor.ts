// Where a page of requests ended, as an opaque text that the client hands back.
import * as z from "zod";
import { toHex } from "./format/hex.ts";

/** A place in the order (time descending, digest descending): the next page begins after it. */
export interface RequestPosition {
  /** Unix seconds of the field that the list is sorted by. */
  readonly timestamp: bigint;
  readonly digest: Buffer;
}

const cursorJson = z.strictObject({
  timestamp: z.int().nonnegative(),
  request_digest: z.string().regex(/^(?:0x)?[0-9a-fA-F]{64}$/),
});

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** base64 of `{"timestamp": …, "request_digest": "0x…"}`; the original's form, kept because clients store it. */
export function encodeCursor(position: RequestPosition): string {
  const json = { timestamp: Number(position.timestamp), request_digest: toHex(position.digest) };
  return Buffer.from(JSON.stringify(json)).toString("base64");
}

/** The position in a cursor of ours, undefined for any other text. Takes both base64 alphabets, padded or not. */
export function decodeCursor(text: string): RequestPosition | undefined {
  if (!BASE64.test(text)) return undefined;
  const parsed = cursorJson.safeParse(parseJson(Buffer.from(text, "base64").toString("utf8")));
  if (!parsed.success) return undefined;
  const { timestamp, request_digest: digest } = parsed.data;
  return { timestamp: BigInt(timestamp), digest: Buffer.from(digest.replace(/^0x/, ""), "hex") };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so not a cursor: the schema refuses undefined, and the caller names the parameter.
    return undefined;
  }
}
