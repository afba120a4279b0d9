// From the client library's nested errors to ours.
import { describeError, TidegateError } from "@tidegate/kernel";
import { KafkaLoginRefused, KafkaRefused, KafkaUnreachable } from "./kafka-errors.ts";

/** `what` names the attempt: "Creating topic to-ender". A TidegateError, and what is no error of the library, comes out unchanged. */
export function mapKafkaError(error: unknown, what: string, brokers: readonly string[]): unknown {
  if (error instanceof TidegateError) return error;
  if (!(error instanceof Error) || !("code" in error) || !String(error.code).startsWith("PLT_KFK_")) return error;
  if (findInside(error, "PLT_KFK_AUTHENTICATION") !== undefined)
    return new KafkaLoginRefused({ brokers, cause: error });
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

interface ProtocolFailure extends Error {
  readonly apiId: unknown;
  readonly serverErrorMessage?: unknown;
  readonly canRetry?: unknown;
}

function protocolError(error: Error): ProtocolFailure | undefined {
  return findInside(error, "PLT_KFK_PROTOCOL") as ProtocolFailure | undefined;
}

/** The library nests both ways: several errors in one, and one as the cause of another. */
function findInside(error: unknown, code: string): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && error.code === code) return error;
  const nested = [...(error instanceof AggregateError ? (error.errors as unknown[]) : []), error.cause];
  for (const one of nested) {
    const found = findInside(one, code);
    if (found !== undefined) return found;
  }
  return undefined;
}

function innermost(error: Error): string {
  const nested = error instanceof AggregateError ? (error.errors.at(-1) as unknown) : error.cause;
  return nested instanceof Error ? innermost(nested) : describeError(error).replace(/\.$/, "");
}
