// What it means that the call of Invoke failed: whether the function ran is the question.
import { AwsRefused, mapAwsError } from "@tidegate/aws";
import { describeError } from "@tidegate/kernel";
import { FunctionBusy, FunctionUnknown, InvocationLost, PayloadTooLarge } from "../errors.ts";
import { PAYLOAD_LIMIT_BYTES } from "../payload.ts";

/** Refusals with a status of 500 and more that come before the function is started. Source: API reference of Lambda, Invoke, "Errors". */
const NOT_STARTED =
  /^(EC2|EFS|ENI|KMS|S3Files|SnapStart|SubnetIP|InvalidRuntime|InvalidSecurityGroup|InvalidSubnet|InvalidZipFile)/;

/** No connection was made, so nothing was sent. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
]);

export interface InvokeFacts {
  readonly name: string;
  readonly where: string;
  readonly log: string;
  readonly payloadBytes: number;
}

const INVOKE_ACTION = "lambda:InvokeFunction";

/** The error to throw; one that says that it did not run, where that is certain, else InvocationLost. */
export function readInvokeFailure(facts: InvokeFacts, cause: unknown): unknown {
  const { name, where, log } = facts;
  const what = `Invoking the function ${name}`;
  if (!(cause instanceof Error)) return cause;
  switch (cause.name) {
    case "ResourceNotFoundException":
      return new FunctionUnknown({ name, where, cause });
    case "ResourceConflictException":
    case "ResourceNotReadyException":
      return new FunctionBusy({ name, reason: cause.message.replace(/\.$/, ""), cause });
    case "RequestTooLargeException":
      return new PayloadTooLarge({ name, bytes: facts.payloadBytes, allowed: PAYLOAD_LIMIT_BYTES });
    default:
      break;
  }
  const status = statusOf(cause);
  if (status !== undefined && status >= 500 && NOT_STARTED.test(cause.name))
    return new AwsRefused({ what, action: INVOKE_ACTION, error: cause.name, said: cause.message, cause });
  if (isAnswerLost(cause, status)) return new InvocationLost({ name, log, reason: reasonOf(cause, status), cause });
  return mapAwsError(cause, { action: INVOKE_ACTION, what });
}

function statusOf(error: Error): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function isAnswerLost(error: Error, status: number | undefined): boolean {
  // An answer that is none of the refusals: a gateway's, one that broke off, one that cannot be read.
  if (status !== undefined) return status >= 500 || status < 400;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error.name === "TimeoutError" || error.name === "AbortError") return !isConnecting(error, syscall);
  return code !== undefined && /^E[A-Z]+$/.test(code) && !NOT_CONNECTED.has(code) && !isConnecting(error, syscall);
}

function isConnecting(error: Error, syscall: string | undefined): boolean {
  return syscall === "connect" || /did not establish a connection/.test(error.message);
}

function reasonOf(error: Error, status: number | undefined): string {
  const said = describeError(error).replace(/\.$/, "");
  return status === undefined ? said : `AWS answered ${status} ${error.name}: ${said}`;
}
