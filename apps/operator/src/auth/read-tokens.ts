// The installation's tokens, read again whenever their file changes.
import { readFileSync, statSync } from "node:fs";
import { tokensFileSchema, type TokensFile } from "@tidegate/contract";
import { describeError } from "@tidegate/kernel";
import { TokensUnusable } from "../api/errors.ts";

export type ReadTokens = () => TokensFile["tokens"];

/** Throws TokensUnusable, at once and at every later reading, when the file is missing, malformed or readable by others. */
export function createTokens(path: string): ReadTokens {
  let read: { readonly stamp: string; readonly tokens: TokensFile["tokens"] } | undefined;
  const tokens = (): TokensFile["tokens"] => {
    const stamp = stampOf(path);
    if (read?.stamp !== stamp) read = { stamp, tokens: load(path) };
    return read.tokens;
  };
  tokens();
  return tokens;
}

function stampOf(path: string): string {
  try {
    const { mtimeMs, size, ino, mode } = statSync(path);
    if ((mode & 0o077) !== 0) {
      throw new TokensUnusable({ path, problem: "others than its owner can read it", remedy: `chmod 600 ${path}` });
    }
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    if (error instanceof TokensUnusable) throw error;
    throw new TokensUnusable({ path, problem: describeError(error), remedy: "Let `tidegate up` make it." });
  }
}

function load(path: string): TokensFile["tokens"] {
  const remedy = "Mend it, or remove it and run `tidegate up`, which makes a new one.";
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // The parser's message would show a piece of the file.
    throw new TokensUnusable({ path, problem: "it is no JSON", remedy });
  }
  const parsed = tokensFileSchema.safeParse(json);
  if (parsed.success) return parsed.data.tokens;
  const at = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new TokensUnusable({ path, problem: `${at} is not of the right form`, remedy });
}
