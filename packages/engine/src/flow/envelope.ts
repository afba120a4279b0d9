// How one durable call stands in the journal: its value or its error, and when it ended.
import { decode, encode } from "../journal/codec.ts";
import { decodeError } from "../journal/decode-error.ts";
import { encodeError } from "../journal/encode-error.ts";
import type { Secret } from "@tidegate/kernel";

export interface Opened {
  readonly at: Date;
  readonly outcome: { readonly value: unknown } | { readonly error: Error };
}

/** Throws NotRecordable for a value that cannot be recorded exactly, or that holds a secret. */
export function sealValue(value: unknown, facts: { what: string; at: Date; secrets: readonly Secret[] }): string {
  return encode({ at: facts.at.getTime(), value }, { what: facts.what, secrets: facts.secrets });
}

/** Never throws: what cannot be recorded of an error becomes text, secrets in it are blotted out. */
export function sealError(error: unknown, facts: { at: Date; secrets: readonly Secret[] }): string {
  return encode({ at: facts.at.getTime(), error: encodeError(error, facts.secrets) }, { what: "An error" });
}

export function open(text: string): Opened {
  // Written by the two functions above alone.
  const sealed = decode(text) as { readonly at: number; readonly value?: unknown; readonly error?: unknown };
  const at = new Date(sealed.at);
  return "error" in sealed
    ? { at, outcome: { error: decodeError(sealed.error) } }
    : { at, outcome: { value: sealed.value } };
}
