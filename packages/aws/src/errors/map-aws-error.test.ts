// The SDK's errors in our words, as a table.
import { TidegateError } from "@tidegate/kernel";
import { expect, it } from "vitest";
import { mapAwsError } from "./map-aws-error.ts";

const call = { action: "ecs:RegisterTaskDefinition", what: "Registering a definition of ender" };

function sdkError(name: string, message: string, status?: number, more: object = {}): Error {
  const $metadata = status === undefined ? {} : { httpStatusCode: status, requestId: "r-1", attempts: 5 };
  return Object.assign(new Error(message), { name, $metadata, ...more });
}

const DENIED =
  "User: arn:aws:sts::1:assumed-role/auxo/run is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/task because no identity-based policy allows the iam:PassRole action";

it.each<[string, Error, object]>([
  [
    "names the action that is missing, which is not the one that was called",
    sdkError("AccessDeniedException", DENIED, 400),
    {
      name: "AwsAccessDenied",
      details: { action: "iam:PassRole", resource: "arn:aws:iam::1:role/task" },
      remedy: expect.stringContaining("Grant iam:PassRole on arn:aws:iam::1:role/task"),
    },
  ],
  [
    "names the action that was called when AWS names none",
    sdkError("AccessDeniedException", "", 400),
    { name: "AwsAccessDenied", details: { action: "ecs:RegisterTaskDefinition" } },
  ],
  [
    "sees a refusal in a ClientException",
    sdkError("ClientException", "X is not authorized to perform: ecs:TagResource on resource: *", 400),
    { name: "AwsAccessDenied", details: { action: "ecs:TagResource" } },
  ],
  ["throttling", sdkError("ThrottlingException", "Rate exceeded", 400), { name: "AwsThrottled", retry: "later" }],
  ["throttling by status", sdkError("Odd", "slow down", 429), { name: "AwsThrottled" }],
  [
    "a refused connection",
    sdkError("Error", "connect ECONNREFUSED 127.0.0.1:1", undefined, { code: "ECONNREFUSED" }),
    { name: "AwsUnreachable", message: expect.stringContaining("ECONNREFUSED") },
  ],
  ["a time-out", sdkError("TimeoutError", "no answer"), { name: "AwsUnreachable", exit: 69 }],
  ["an error of theirs", sdkError("ServerException", "oops", 500), { name: "AwsUnreachable" }],
  [
    "no credentials",
    sdkError("CredentialsProviderError", "Could not load credentials from any providers"),
    { name: "AwsCredentialsMissing" },
  ],
  ["expired credentials", sdkError("ExpiredTokenException", "expired", 400), { name: "AwsCredentialsMissing" }],
  ["no region", new Error("Region is missing"), { name: "AwsRegionMissing" }],
  [
    "anything else that AWS said",
    sdkError("InvalidParameterException", "no.", 400),
    { name: "AwsRefused", details: { error: "InvalidParameterException", requestId: "r-1" } },
  ],
])("%s", (_, error, expected) => {
  const mapped = mapAwsError(error, call);
  expect(mapped).toBeInstanceOf(TidegateError);
  expect(mapped).toMatchObject(expected);
  expect((mapped as Error).cause).toBe(error);
});

it("leaves alone what is not AWS's", () => {
  const ours = new TidegateError({ code: "a.b", message: "M.", remedy: "R." });
  const bug = new TypeError("x is not a function");
  expect(mapAwsError(ours, call)).toBe(ours);
  expect(mapAwsError(bug, call)).toBe(bug);
  expect(mapAwsError("text", call)).toBe("text");
});
