// What the SDK's errors carry, in one shape.

export interface SdkError {
  /** "AccessDeniedException". */
  readonly name: string;
  readonly message: string;
  /** Absent when there was no answer. */
  readonly status?: number;
  readonly requestId?: string;
  /** Of the connection: "ECONNREFUSED". */
  readonly code?: string;
}

const THROTTLING = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

/** Reads an error of a client of the SDK; undefined for what is no Error. */
export function readSdkError(error: unknown): SdkError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: number; requestId?: string }; code?: unknown };
  return {
    name: error.name,
    message: error.message,
    ...($metadata?.httpStatusCode === undefined ? {} : { status: $metadata.httpStatusCode }),
    ...($metadata?.requestId === undefined ? {} : { requestId: $metadata.requestId }),
    ...(typeof code === "string" ? { code } : {}),
  };
}

/** That AWS asked us to slow down. */
export function isThrottling(error: unknown): boolean {
  const read = readSdkError(error);
  if (read === undefined) return false;
  const hint = (error as { $retryable?: { throttling?: boolean } }).$retryable?.throttling;
  return THROTTLING.has(read.name) || read.status === 429 || hint === true;
}
