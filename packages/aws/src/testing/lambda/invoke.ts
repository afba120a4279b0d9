// An invocation as Lambda answers it: a failure of the function is a success of the call, told in a header.
import { randomUUID } from "node:crypto";
import type { InvokeCommandInput, InvokeCommandOutput } from "@aws-sdk/client-lambda";
import { AwsRefusal } from "../aws-refusal.ts";
import type { FunctionRecord, LambdaOutcome, RunImage } from "./state.ts";

/** Of a synchronous invocation. Source: AWS Lambda quotas. */
const PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024;

export async function invoke(
  run: RunImage,
  record: FunctionRecord,
  input: InvokeCommandInput,
): Promise<Omit<InvokeCommandOutput, "$metadata">> {
  const payload = Buffer.from((input.Payload as Uint8Array | undefined) ?? []);
  if (payload.length > PAYLOAD_LIMIT_BYTES)
    throw new AwsRefusal(
      "RequestTooLargeException",
      `${payload.length} byte payload is too large for the RequestResponse invocation type (limit ${PAYLOAD_LIMIT_BYTES} bytes)`,
    );
  if (record.state.is === "Pending")
    throw new AwsRefusal(
      "ResourceConflictException",
      `The operation cannot be performed at this time. The function is currently in the following state: Pending`,
      { Type: "User" },
    );
  const outcome = await run(record.image, payload.length === 0 ? "{}" : payload.toString("utf8"));
  const failure = failureOf(outcome, record.timeoutSeconds);
  return {
    StatusCode: 200,
    ExecutedVersion: "$LATEST",
    ...(failure === undefined ? {} : { FunctionError: "Unhandled" }),
    Payload: asBytes(failure ?? (outcome as { returned: unknown }).returned),
  };
}

/** Names and sentences as Lambda's own. */
function failureOf(outcome: LambdaOutcome, timeoutSeconds: number): object | undefined {
  const request = `RequestId: ${randomUUID()} Error:`;
  if (outcome === "timed-out")
    return {
      errorType: "Sandbox.Timedout",
      errorMessage: `${request} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
    };
  if ("exited" in outcome)
    return {
      errorType: "Runtime.ExitError",
      errorMessage: `${request} Runtime exited with error: ${outcome.exited}`,
    };
  if ("threw" in outcome)
    return { errorType: outcome.threw.name, errorMessage: outcome.threw.message, trace: [outcome.threw.name] };
  return undefined;
}

/** As the SDK gives it: bytes, with a way to text that nobody here takes. */
function asBytes(value: unknown): NonNullable<InvokeCommandOutput["Payload"]> {
  return Buffer.from(JSON.stringify(value ?? null)) as unknown as NonNullable<InvokeCommandOutput["Payload"]>;
}
