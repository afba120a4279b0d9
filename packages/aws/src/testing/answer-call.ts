// One request: which call it is, whether the SDK's model allows it, what the service answers, whether the model allows that.
import type { createFaults } from "./faults.ts";
import { AwsRefusal } from "./aws-refusal.ts";
import type { StandInService } from "./stand-in.ts";
import type { Timeline } from "./timeline.ts";
import type { WireAnswer, WireRequest } from "./wire/protocol.ts";

export interface RecordedCall {
  /** "ecs:DescribeServices". */
  readonly action: string;
  /** On the stand-in's own clock. */
  readonly atMs: number;
  /** Of the SDK's tries, from 1. */
  readonly attempt: number;
  readonly input: Readonly<Record<string, unknown>>;
  /** The error that was answered. */
  error?: string;
}

export interface AnswerDeps {
  readonly services: readonly StandInService[];
  readonly timeline: Timeline;
  readonly faults: ReturnType<typeof createFaults>;
  readonly calls: RecordedCall[];
  readonly problems: string[];
}

/** Errors that any service may answer with, besides those of its model. */
const COMMON: Readonly<Record<string, number>> = {
  AccessDeniedException: 400,
  ExpiredTokenException: 400,
  InternalFailure: 500,
  ServiceUnavailable: 503,
  ThrottlingException: 400,
  UnrecognizedClientException: 400,
  ValidationException: 400,
};

/** "hang-up": the connection is cut without an answer. */
export async function answerCall(deps: AnswerDeps, request: WireRequest): Promise<WireAnswer | "hang-up"> {
  deps.timeline.catchUp();
  const service = deps.services.find((one) => one.protocol.operationOf(one.model, request) !== undefined);
  const operation = service?.protocol.operationOf(service.model, request);
  if (service === undefined || operation === undefined || !service.model.operations.has(operation)) {
    deps.problems.push(
      `no call of a service: ${request.method} ${request.url.pathname} ${request.headers["x-amz-target"] ?? ""}`,
    );
    return {
      status: 404,
      headers: { "content-type": "application/json" },
      body: '{"__type":"UnknownOperationException"}',
    };
  }
  const action = `${service.name}:${operation}`;
  const { input, problems } = service.protocol.decode(service.model, operation, request);
  const call: RecordedCall = {
    action,
    atMs: deps.timeline.nowMs(),
    attempt: Number(/attempt=(\d+)/.exec(request.headers["amz-sdk-request"] ?? "")?.[1] ?? 1),
    input,
  };
  deps.calls.push(call);
  const refuse = (refusal: AwsRefusal, status?: number): WireAnswer => {
    call.error = refusal.error;
    return encodeRefusal(deps, service, action, refusal, status);
  };
  const wrong = [...problems, ...signatureProblems(service.name, request)];
  if (wrong.length > 0) {
    deps.problems.push(...wrong.map((problem) => `${action}: ${problem}`));
    return refuse(new AwsRefusal("ValidationException", wrong.join("; ")));
  }
  const fault = deps.faults.meet(action, input);
  if (fault === "hang-up") {
    call.error = "hang-up";
    return "hang-up";
  }
  if (fault !== undefined) return refuse(...refusalOf(fault, action));
  return run(deps, service, operation, input, refuse);
}

async function run(
  deps: AnswerDeps,
  service: StandInService,
  operation: string,
  input: Record<string, unknown>,
  refuse: (refusal: AwsRefusal) => WireAnswer,
): Promise<WireAnswer> {
  const action = `${service.name}:${operation}`;
  const perform = service.operations[operation];
  if (perform === undefined) {
    deps.problems.push(`${action} is not played by the stand-in`);
    return refuse(new AwsRefusal("ValidationException", `${action} is not played by the stand-in`));
  }
  try {
    // The input was held against the model just now.
    const output: unknown = await perform(input as never);
    const encoded = service.protocol.encode(service.model, operation, output);
    deps.problems.push(...encoded.problems.map((problem) => `${action} answered wrongly: ${problem}`));
    return encoded.answer;
  } catch (error) {
    if (error instanceof AwsRefusal) return refuse(error);
    throw error;
  }
}

function refusalOf(
  fault: Exclude<NonNullable<ReturnType<AnswerDeps["faults"]["meet"]>>, "hang-up">,
  action: string,
): [AwsRefusal, number?] {
  if (fault === "throttle") return [new AwsRefusal("ThrottlingException", "Rate exceeded")];
  if (fault === "deny") {
    const who = "arn:aws:sts::123456789012:assumed-role/tidegate/run";
    const said = `User: ${who} is not authorized to perform: ${action} on resource: * because no identity-based policy allows the ${action} action`;
    return [new AwsRefusal("AccessDeniedException", said)];
  }
  const refusal = new AwsRefusal(fault.error, fault.message);
  return fault.status === undefined ? [refusal] : [refusal, fault.status];
}

function encodeRefusal(
  deps: AnswerDeps,
  service: StandInService,
  action: string,
  refusal: AwsRefusal,
  status?: number,
): WireAnswer {
  const modelled = service.model.errors.get(refusal.error);
  if (modelled === undefined && COMMON[refusal.error] === undefined && status === undefined)
    deps.problems.push(`${action} answered wrongly: there is no error ${refusal.error}`);
  return service.protocol.encodeError({
    name: refusal.error,
    status: status ?? modelled?.status ?? COMMON[refusal.error] ?? 400,
    message: refusal.message,
    members: refusal.members,
  });
}

/** Calls must be signed, for this service; whether the signature is right is not checked. */
function signatureProblems(service: string, request: WireRequest): string[] {
  const scope = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[\w-]+\/([\w-]+)\/aws4_request/.exec(
    request.headers["authorization"] ?? "",
  );
  if (scope === null) return ["the request is not signed"];
  return scope[1] === service ? [] : [`the request is signed for ${scope[1] ?? "nothing"}`];
}
