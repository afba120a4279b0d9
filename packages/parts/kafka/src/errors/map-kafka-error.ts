// From the client library's nested errors to ours.
import { describeError, TidegateError } from "@tidegate/kernel";
import { findErrorBy } from "@platformatic/kafka";
import { KafkaLoginRefused, KafkaRefused, KafkaUnreachable } from "./kafka-errors.ts";

/** `what` names the attempt: "Creating topic to-ender". A TidegateError, and what is no error of the library, comes out unchanged. */
export function mapKafkaError(error: unknown, what: string, brokers: readonly string[]): unknown {
  if (error instanceof TidegateError) return error;
  if (!(error instanceof Error) || !("code" in error) || !String(error.code).startsWith("PLT_KFK_")) return error;
  if (has(error, "PLT_KFK_AUTHENTICATION")) return new KafkaLoginRefused({ brokers, cause: error });
  const refusal = protocolError(error);
  if (refusal !== undefined) {
    const said = typeof refusal.serverErrorMessage === "string" ? refusal.serverErrorMessage : refusal.message;
    return new KafkaRefused({
      what,
      error: String(refusal.apiId),
      said: said.replace(/\.$/, ""),
      canRetry: refusal.canRetry === true,
      cause: error,
    });
  }
  return new KafkaUnreachable({ brokers, reason: `${what}: ${innermost(error)}`, cause: error });
}

/** The protocol's name of the first error in it that the cluster answered; undefined when none did. */
export function protocolErrorName(error: unknown): string | undefined {
  const refusal = error instanceof Error ? protocolError(error) : undefined;
  return refusal === undefined ? undefined : String(refusal.apiId);
}

interface ProtocolFailure extends Error {
  readonly apiId: unknown;
  readonly serverErrorMessage?: unknown;
  readonly canRetry?: unknown;
}

function protocolError(error: Error): ProtocolFailure | undefined {
  return (findErrorBy(error, "code", "PLT_KFK_PROTOCOL") ?? undefined) as ProtocolFailure | undefined;
}

function has(error: Error, code: string): boolean {
  return findErrorBy(error, "code", code) !== null;
}

function innermost(error: Error): string {
  const nested = error instanceof AggregateError ? (error.errors.at(-1) as unknown) : error.cause;
  return nested instanceof Error ? innermost(nested) : describeError(error).replace(/\.$/, "");
}
