// How to reach a cluster: brokers, limits, TLS, login.
import type { Secret } from "@tidegate/kernel";

export type SaslMechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";

export interface KafkaConnection {
  /** host:port; the first that answers tells the others. */
  readonly brokers: readonly string[];
  /** Shown in the brokers' logs and quotas. */
  readonly clientId: string;
  /** Longest wait for a connection to one broker. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Longest time that the cluster may take over one request. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Default off. */
  readonly isTls?: boolean;
  /** Default none. */
  readonly login?: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: Secret };
}

/** Tries after the first, of what the library knows to pass by itself (a broker that has moved a partition). */
const RETRIES = 3;
const RETRY_DELAY_MS = 250;

export function clientOptions(connection: KafkaConnection) {
  const { login } = connection;
  return {
    clientId: connection.clientId,
    bootstrapBrokers: [...connection.brokers],
    connectTimeout: connection.connectTimeoutMs ?? 5_000,
    timeout: connection.requestTimeoutMs ?? 30_000,
    requestTimeout: (connection.requestTimeoutMs ?? 30_000) + (connection.connectTimeoutMs ?? 5_000),
    retries: RETRIES,
    retryDelay: RETRY_DELAY_MS,
    autocreateTopics: false,
    ...(connection.isTls === true ? { tls: {} } : {}),
    ...(login === undefined
      ? {}
      : { sasl: { mechanism: login.mechanism, username: login.username, password: login.password.reveal() } }),
  };
}
