// Functions on AWS Lambda.
import {
  GetFunctionCommand,
  InvokeCommand,
  UpdateFunctionCodeCommand,
  type InvokeCommandOutput,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { callAws } from "@tidegate/aws";
import { FunctionBusy, FunctionFailed, FunctionUnknown, ImageRefused, InvocationLost } from "../errors.ts";
import { encodePayload } from "../payload.ts";
import type { Functions, FunctionStatus, Invocation } from "../port.ts";
import { readFunctionError } from "./read-function-error.ts";
import { readInvokeFailure } from "./read-invoke-failure.ts";
import { sendOnce } from "./send-once.ts";
import { toStatus } from "./to-status.ts";

export interface LambdaFunctionsOptions {
  /** Its retries are not made for invocations, and its limit on the time of a request is not theirs. */
  readonly client: LambdaClient;
}

/** The socket's own limit lies behind ours, so that what is told is told by us. */
const SOCKET_MARGIN_MS = 5_000;

/** Needs `lambda:GetFunction`, `lambda:UpdateFunctionCode`, `lambda:InvokeFunction`. */
export function createLambdaFunctions({ client }: LambdaFunctionsOptions): Functions {
  const where = async (): Promise<string> => `Lambda (${await client.config.region()})`;
  return {
    describe: async (name) => describe(client, name, await where()),
    update: async (name, { image }) => {
      const there = await where();
      const before = await describe(client, name, there);
      if (before.state === "ready" && before.image === image) return;
      await callAws(
        { action: "lambda:UpdateFunctionCode", what: `Updating the function ${name}` },
        async () => client.send(new UpdateFunctionCodeCommand({ FunctionName: name, ImageUri: image })),
        (error) => readUpdateFailure({ name, image, where: there }, error),
      );
    },
    invoke: async (name, payload, invocation) => {
      const text = encodePayload(name, payload);
      return invoke(client, { name, text, invocation, where: await where() });
    },
  };
}

async function describe(client: LambdaClient, name: string, where: string): Promise<FunctionStatus> {
  const found = await callAws(
    { action: "lambda:GetFunction", what: `Looking at the function ${name}` },
    async () => client.send(new GetFunctionCommand({ FunctionName: name })),
    (error) =>
      isNamed(error, "ResourceNotFoundException") ? new FunctionUnknown({ name, where, cause: error }) : error,
  );
  return toStatus(name, found);
}

function readUpdateFailure(about: { name: string; image: string; where: string }, cause: unknown): unknown {
  const { name, image, where } = about;
  if (isNamed(cause, "ResourceNotFoundException")) return new FunctionUnknown({ name, where, cause });
  if (isNamed(cause, "ResourceConflictException")) {
    const { attempts } = (cause as { $metadata?: { attempts?: number } }).$metadata ?? {};
    const perhapsOurs = " (perhaps begun by an earlier try of this call, whose answer was lost)";
    const reason = `an update is in progress${(attempts ?? 1) > 1 ? perhapsOurs : ""}`;
    return new FunctionBusy({ name, reason, cause });
  }
  if (isNamed(cause, "InvalidParameterValueException"))
    return new ImageRefused({
      name,
      image,
      reason: cause.message.replace(/\.$/, ""),
      remedy: "Push the image to a repository that the function may pull from, or name one that is there.",
      cause,
    });
  return cause;
}

async function invoke(
  client: LambdaClient,
  call: { readonly name: string; readonly text: string; readonly invocation: Invocation; readonly where: string },
): Promise<unknown> {
  const { name, text, invocation, where } = call;
  invocation.signal?.throwIfAborted();
  const log = `the log group /aws/lambda/${name}`;
  const limit = AbortSignal.timeout(invocation.limitMs);
  const abortSignal = invocation.signal === undefined ? limit : AbortSignal.any([limit, invocation.signal]);
  let output: InvokeCommandOutput;
  try {
    output = await sendOnce(client, toCommand(name, text, invocation.requestId), {
      abortSignal,
      requestTimeout: invocation.limitMs + SOCKET_MARGIN_MS,
    });
  } catch (cause) {
    invocation.signal?.throwIfAborted();
    if (limit.aborted)
      throw new InvocationLost({ name, log, reason: `there was none within ${invocation.limitMs} ms`, cause });
    throw readInvokeFailure({ name, where, log, payloadBytes: Buffer.byteLength(text) }, cause);
  }
  return readAnswer({ name, log, ...requestIdOf(output, invocation) }, output);
}

/** The id of the invocation travels where a function finds it: `context.clientContext.custom.requestId`. */
function toCommand(name: string, text: string, requestId: string | undefined): InvokeCommand {
  const clientContext = Buffer.from(JSON.stringify({ custom: { requestId } })).toString("base64");
  return new InvokeCommand({
    FunctionName: name,
    InvocationType: "RequestResponse",
    Payload: Buffer.from(text),
    ...(requestId === undefined ? {} : { ClientContext: clientContext }),
  });
}

/** The id under which its lines stand in the log. */
function requestIdOf(output: InvokeCommandOutput, invocation: Invocation): { readonly requestId?: string } {
  const requestId = output.$metadata.requestId ?? invocation.requestId;
  return requestId === undefined ? {} : { requestId };
}

/** Null for an empty answer. A failure of the function is no failure of the call: it has to be looked for. */
function readAnswer(
  about: { readonly name: string; readonly log: string; readonly requestId?: string },
  output: InvokeCommandOutput,
): unknown {
  const payload = Buffer.from(output.Payload ?? []).toString("utf8");
  if (output.FunctionError !== undefined && output.FunctionError !== "")
    throw readFunctionError(about, output.FunctionError, payload);
  if (output.StatusCode !== 200)
    throw new InvocationLost({ ...about, reason: `AWS answered with status ${output.StatusCode} instead of 200` });
  if (payload === "") return null;
  try {
    return JSON.parse(payload) as unknown;
  } catch {
    const message = `What it returned is not JSON: ${payload.slice(0, 200)}`;
    throw new FunctionFailed({ ...about, error: { name: "AnswerUnreadable", message } });
  }
}

function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}
