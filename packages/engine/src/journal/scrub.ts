// Secrets in text that must be kept all the same: error messages, log lines.
import type { Secret } from "@tidegate/kernel";

const SHORTEST_SECRET = 4;
const CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@]+@/gi;

/** Replaces each secret, also URL-encoded, and the password of any URL, by `[secret]`. */
export function scrub(text: string, secrets: readonly Secret[]): string {
  let clean = text;
  for (const secret of secrets) {
    const value = secret.reveal();
    if (value.length < SHORTEST_SECRET) continue;
    clean = clean.replaceAll(value, "[secret]").replaceAll(encodeURIComponent(value), "[secret]");
  }
  return clean.replaceAll(CREDENTIALS, "$1:[secret]@");
}
