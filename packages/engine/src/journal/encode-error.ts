// Any thrown thing as plain data that the journal takes, whatever it is: an error must never fail to be recorded.
import { TidegateError, type Secret } from "@tidegate/kernel";
import { decode, encode, isRecordable } from "./codec.ts";
import { scrub } from "./scrub.ts";

export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Of a TidegateError. */
  readonly known?: {
    readonly code: string;
    readonly remedy: string;
    readonly retry: TidegateError["retry"];
    readonly blame: TidegateError["blame"];
    readonly exit: TidegateError["exit"];
    readonly details: unknown;
  };
  /** Of another error that carries a code of its own: ECONNRESET, an SQLSTATE. */
  readonly code?: string;
  readonly errors?: readonly ErrorData[];
  readonly cause?: ErrorData;
}

const DEEPEST = 10;

export function encodeError(thrown: unknown, secrets: readonly Secret[], depth = 0): ErrorData {
  const clean = (text: string): string => scrub(text, secrets);
  if (!(thrown instanceof Error)) return { name: "NonError", message: clean(asText(thrown)) };
  const inner = (error: unknown): ErrorData => encodeError(error, secrets, depth + 1);
  const code: unknown = "code" in thrown ? thrown.code : undefined;
  return {
    name: thrown.name,
    message: clean(thrown.message),
    ...(thrown.stack === undefined ? {} : { stack: clean(thrown.stack) }),
    ...(thrown instanceof TidegateError ? { known: knownOf(thrown, clean) } : {}),
    ...(!(thrown instanceof TidegateError) && typeof code === "string" ? { code: clean(code) } : {}),
    ...(thrown instanceof AggregateError && depth < DEEPEST ? { errors: thrown.errors.map(inner) } : {}),
    ...(thrown.cause !== undefined && depth < DEEPEST ? { cause: inner(thrown.cause) } : {}),
  };
}

function knownOf(error: TidegateError, clean: (text: string) => string): NonNullable<ErrorData["known"]> {
  const { code, remedy, retry, blame, exit } = error;
  const details = isRecordable(error.details)
    ? // Scrubbed as text: a secret may stand anywhere in it.
      decode(clean(encode(error.details, { what: "Details" })))
    : { unrecordable: clean(asText(error.details)) };
  return { code, remedy: clean(remedy), retry, blame, exit, details };
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
