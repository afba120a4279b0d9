// What every AWS adapter shares: how clients are opened, how calls are counted, and what their errors mean.
export { callAws, type AwsCall } from "./client/call-aws.ts";
export { openAwsClient, type AwsClientOptions, type AwsCredentials } from "./client/open-aws-client.ts";
export type { ApiCall, OnApiCall } from "./client/count-calls.ts";
export {
  AwsAccessDenied,
  AwsCredentialsMissing,
  AwsRefused,
  AwsRegionMissing,
  AwsThrottled,
  AwsUnreachable,
} from "./errors/aws-errors.ts";
export { mapAwsError } from "./errors/map-aws-error.ts";
