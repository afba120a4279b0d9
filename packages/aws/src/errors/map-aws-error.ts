// From the SDK's errors to ours. A part that can say more (not found, for example) maps those first.
import { describeError, TidegateError } from "@tidegate/kernel";
import type { AwsCall } from "../client/call-aws.ts";
import {
  AwsAccessDenied,
  AwsCredentialsMissing,
  AwsRefused,
  AwsRegionMissing,
  AwsThrottled,
  AwsUnreachable,
} from "./aws-errors.ts";
import { isThrottling, readSdkError, type SdkError } from "./sdk-error.ts";

const DENIED = new Set(["AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized"]);
const CREDENTIALS = new Set([
  "CredentialsProviderError",
  "TokenProviderError",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "ExpiredTokenException",
  "ExpiredToken",
  "MissingAuthenticationTokenException",
  "IncompleteSignature",
]);
const NO_ANSWER = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** A TidegateError, and what is no error of the SDK or the network, comes out unchanged. */
export function mapAwsError(error: unknown, call: AwsCall): unknown {
  if (error instanceof TidegateError) return error;
  const read = readSdkError(error);
  if (read === undefined) return error;
  const facts = { ...call, cause: error };
  if (read.message.startsWith("Region is missing")) return new AwsRegionMissing(facts);
  if (CREDENTIALS.has(read.name)) return new AwsCredentialsMissing({ ...facts, reason: sentence(read.message) });
  if (isDenied(read))
    return new AwsAccessDenied({ ...facts, ...deniedAction(read.message, call.action), said: read.message });
  if (isThrottling(error)) {
    const { attempts } = (error as { $metadata?: { attempts?: number } }).$metadata ?? {};
    return new AwsThrottled({ ...facts, ...(attempts === undefined ? {} : { attempts }) });
  }
  const reason = noAnswer(error, read);
  if (reason !== undefined) return new AwsUnreachable({ ...facts, reason });
  if (read.status === undefined) return error;
  return new AwsRefused({
    ...facts,
    error: read.name,
    said: read.message,
    ...(read.requestId === undefined ? {} : { requestId: read.requestId }),
  });
}

function isDenied(read: SdkError): boolean {
  return DENIED.has(read.name) || /is not authorized to perform: /.test(read.message);
}

/** AWS names what is missing, which is not always what was called: registering a definition with roles needs iam:PassRole. */
function deniedAction(said: string, called: string): { action: string; resource?: string } {
  const found = /is not authorized to perform: ([\w-]+:\w+)(?: on resource: (\S+))?/.exec(said);
  const resource = found?.[2]?.replace(/[.,]$/, "");
  return { action: found?.[1] ?? called, ...(resource === undefined || resource === "*" ? {} : { resource }) };
}

function noAnswer(error: unknown, read: SdkError): string | undefined {
  if (read.status !== undefined && read.status >= 500) return `it answered ${read.status} ${read.name}`;
  const isTimeout = read.name === "TimeoutError" || read.name === "AbortError";
  if (isTimeout || (read.code !== undefined && NO_ANSWER.has(read.code))) return sentence(describeError(error));
  return undefined;
}

function sentence(text: string): string {
  return text.trim().replace(/\.$/, "");
}
