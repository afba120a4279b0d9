// The one way in which a program opens a client of the SDK: bounded retries, limits on time, every call counted.
import { countCalls, type OnApiCall } from "./count-calls.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface AwsClientOptions {
  /** Default the SDK's: AWS_REGION, then the profile. */
  readonly region?: string | undefined;
  /** In the place of AWS itself: AWS_ENDPOINT_URL, a test's server. Default AWS. */
  readonly endpoint?: string | undefined;
  /** Tries of one call in all, the first included. Default 5. */
  readonly maxAttempts?: number;
  /** "adaptive" also slows down calls of this client once it was throttled. Default "adaptive". */
  readonly retryMode?: "standard" | "adaptive";
  /** Default 3,000. */
  readonly connectTimeoutMs?: number;
  /** From the last byte sent to the first one received. Default 20,000; a synchronous invocation needs as long as the function may take. */
  readonly requestTimeoutMs?: number;
  /** Only tests give them. Default the SDK's chain: environment, profile, web identity, container, instance. */
  readonly credentials?: AwsCredentials;
  /** Told of each try of each call, when it has ended. */
  readonly onCall?: OnApiCall;
}

/** What our options mean to a client of the SDK. */
interface SdkConfig {
  region?: string;
  endpoint?: string;
  maxAttempts: number;
  retryMode: string;
  credentials?: AwsCredentials;
  requestHandler: { connectionTimeout: number; requestTimeout: number; throwOnRequestTimeout: boolean };
}

/** Opens `new Client(...)`, `ECSClient` for example. The caller destroys it. */
export function openAwsClient<Client extends object>(
  Client: new (config: SdkConfig) => Client,
  options: AwsClientOptions = {},
): Client {
  const client = new Client({
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    maxAttempts: options.maxAttempts ?? 5,
    retryMode: options.retryMode ?? "adaptive",
    requestHandler: {
      connectionTimeout: options.connectTimeoutMs ?? 3_000,
      requestTimeout: options.requestTimeoutMs ?? 20_000,
      // Without this the SDK only warns when the limit has passed, and goes on waiting.
      throwOnRequestTimeout: true,
    },
  });
  if (options.onCall !== undefined) countCalls(client, options.onCall);
  return client;
}
