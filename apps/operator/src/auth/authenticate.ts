// Who asks, and whether they may.
import { createHash, timingSafeEqual } from "node:crypto";
import { ROLES, type Role, type Whoami } from "@tidegate/contract";
import { NotAuthenticated, RoleTooLow } from "../api/errors.ts";
import type { ReadTokens } from "./read-tokens.ts";

/** Throws NotAuthenticated. */
export function authenticate(authorization: string | undefined, readTokens: ReadTokens | undefined): Whoami {
  if (readTokens === undefined)
    throw new NotAuthenticated({ reason: "this operator has no tokens (TIDEGATE_TOKENS_FILE)" });
  const given = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
  if (given === undefined) throw new NotAuthenticated({ reason: "the request carries no token" });
  // All are compared, each in constant time, so that time tells nothing.
  const found = readTokens().filter(({ token }) => isSame(token, given));
  const [one] = found;
  if (one === undefined) throw new NotAuthenticated({ reason: "the token is not one of this installation's" });
  return { name: one.name, role: one.role };
}

/** Throws RoleTooLow. */
export function authorise(who: Whoami, needed: Role, what: string): void {
  if (ROLES.indexOf(who.role) >= ROLES.indexOf(needed)) return;
  throw new RoleTooLow({ name: who.name, role: who.role, needed, what });
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
