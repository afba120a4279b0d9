// The installation's tokens: `tokens.json` in its home, which only its owner can read.
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tokensFileSchema, type Role, type TokensFile } from "@tidegate/contract";
import { EXIT, TidegateError } from "@tidegate/kernel";

/** The name of the token that `up` makes, and that the command line uses. */
export const LOCAL_TOKEN = "local";

export const tokensPath = (home: string): string => join(home, "tokens.json");

/** Makes the file with one admin token when there is none; gives its path. */
export function ensureTokens(home: string): string {
  if (readTokens(home).tokens.length === 0) {
    writeTokens(home, { tokens: [{ name: LOCAL_TOKEN, role: "admin", token: newToken() }] });
  }
  return tokensPath(home);
}

/** Empty where there is no file. Throws TokensFileUnreadable. */
export function readTokens(home: string): TokensFile {
  let text: string;
  try {
    text = readFileSync(tokensPath(home), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { tokens: [] };
    throw error;
  }
  try {
    return tokensFileSchema.parse(JSON.parse(text));
  } catch {
    throw new TokensFileUnreadable({ path: tokensPath(home) });
  }
}

/** Adds or replaces the token of this name; gives the token, which is not shown again. */
export function addToken(home: string, name: string, role: Role): string {
  const token = newToken();
  const others = readTokens(home).tokens.filter((one) => one.name !== name);
  writeTokens(home, { tokens: [...others, { name, role, token }] });
  return token;
}

/** False when there is none of this name. */
export function revokeToken(home: string, name: string): boolean {
  const { tokens } = readTokens(home);
  const left = tokens.filter((one) => one.name !== name);
  if (left.length < tokens.length) writeTokens(home, { tokens: left });
  return left.length < tokens.length;
}

function newToken(): string {
  return `tg_${randomBytes(32).toString("base64url")}`;
}

/** The running operator reads it again by itself; it never sees half a file. */
function writeTokens(home: string, file: TokensFile): void {
  mkdirSync(home, { recursive: true });
  const path = tokensPath(home);
  writeFileSync(`${path}.new`, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

class TokensFileUnreadable extends TidegateError {
  override readonly name = "TokensFileUnreadable";
  constructor(facts: { readonly path: string }) {
    super({
      code: "tokens.unreadable",
      message: `${facts.path} is not a file of tokens.`,
      remedy: "Mend it, or remove it and run `tidegate up`, which makes a new one; the old tokens are void then.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}
