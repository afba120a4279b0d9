// The payload of an invocation, as bytes and within the limit.
import { PayloadTooLarge } from "./errors.ts";

/** Of a synchronous invocation, request and answer alike. Source: AWS Lambda quotas, "Invocation payload". */
export const PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024;

/** The JSON text of a payload; `null` for undefined. Throws PayloadTooLarge. */
export function encodePayload(name: string, payload: unknown): string {
  const text = JSON.stringify(payload ?? null);
  const bytes = Buffer.byteLength(text);
  if (bytes > PAYLOAD_LIMIT_BYTES) throw new PayloadTooLarge({ name, bytes, allowed: PAYLOAD_LIMIT_BYTES });
  return text;
}
