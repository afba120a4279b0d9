// What can go wrong with any call of AWS, each with its sentence and its remedy.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class AwsAccessDenied extends TidegateError {
  override readonly name = "AwsAccessDenied";
  constructor(facts: { what: string; action: string; resource?: string; said: string; cause?: unknown }) {
    const on = facts.resource === undefined ? "" : ` on ${facts.resource}`;
    super({
      code: "aws.access-denied",
      message: `${facts.what} was refused: the role has no ${facts.action}${on}. That call changed nothing.`,
      remedy: `Grant ${facts.action}${on} to the role that Tidegate runs under, then try again.`,
      details: {
        action: facts.action,
        ...(facts.resource === undefined ? {} : { resource: facts.resource }),
        said: facts.said,
      },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.notAllowed,
    });
  }
}

export class AwsThrottled extends TidegateError {
  override readonly name = "AwsThrottled";
  constructor(facts: { what: string; action: string; attempts?: number; cause?: unknown }) {
    super({
      code: "aws.throttled",
      message: `${facts.what} was refused: AWS throttles ${facts.action}${facts.attempts === undefined ? "" : `, ${facts.attempts} times in a row`}. That call changed nothing.`,
      remedy:
        "Try again in a minute. If it stays, find what else calls this API in the account, or ask AWS for a higher rate.",
      details: { action: facts.action },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

export class AwsUnreachable extends TidegateError {
  override readonly name = "AwsUnreachable";
  constructor(facts: { what: string; action: string; reason: string; cause?: unknown }) {
    super({
      code: "aws.unreachable",
      message: `${facts.what} got no usable answer from AWS: ${facts.reason}. Whether ${facts.action} took effect is not known.`,
      remedy: "Check the network, the region and AWS_ENDPOINT_URL, then try again.",
      details: { action: facts.action, reason: facts.reason },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.partDown,
    });
  }
}

export class AwsCredentialsMissing extends TidegateError {
  override readonly name = "AwsCredentialsMissing";
  constructor(facts: { what: string; reason: string; cause?: unknown }) {
    super({
      code: "aws.credentials-missing",
      message: `${facts.what} was not possible: no usable AWS credentials (${facts.reason}). Nothing was changed.`,
      remedy:
        "Give the process a role, or AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY that are valid now.",
      details: { reason: facts.reason },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.notAllowed,
    });
  }
}

export class AwsRegionMissing extends TidegateError {
  override readonly name = "AwsRegionMissing";
  constructor(facts: { what: string; cause?: unknown }) {
    super({
      code: "aws.region-missing",
      message: `${facts.what} was not possible: no AWS region is set. Nothing was changed.`,
      remedy: "Set AWS_REGION, for example AWS_REGION=ap-northeast-1, or name the region in the event or the settings.",
      cause: facts.cause,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class AwsRefused extends TidegateError {
  override readonly name = "AwsRefused";
  constructor(facts: {
    what: string;
    action: string;
    error: string;
    said: string;
    requestId?: string;
    cause?: unknown;
  }) {
    super({
      code: "aws.refused",
      message: `${facts.what} failed: ${facts.action} answered ${facts.error}: ${facts.said.replace(/\.$/, "")}.`,
      remedy: `Read what AWS said${facts.requestId === undefined ? "" : `; its support knows the call as ${facts.requestId}`}.`,
      details: {
        action: facts.action,
        error: facts.error,
        ...(facts.requestId === undefined ? {} : { requestId: facts.requestId }),
      },
      cause: facts.cause,
      blame: "dependency",
    });
  }
}
