// What the sending thread is started with and asked, and what it tells.
import type { KafkaConnection } from "@tidegate/kafka";
import { TidegateError, type Secret, type TidegateErrorFacts } from "@tidegate/kernel";
import type { SentStretch, Stretch } from "../send-orders.ts";

/** Plain values: a Secret does not cross to another thread. */
export interface SenderSettings {
  readonly databaseUrl: string;
  readonly kafka: Omit<KafkaConnection, "login"> & {
    readonly login?: Omit<NonNullable<KafkaConnection["login"]>, "password"> & { readonly password: string };
  };
  /** What could not be sent is recorded under it. */
  readonly runId: string;
  readonly topic: string;
  readonly batchBytes: number;
}

/** One stretch at a time. After "close" the thread ends. */
export type ThreadRequest =
  | { readonly kind: "send"; readonly stretch: Stretch }
  | { readonly kind: "stop" }
  | { readonly kind: "close" };

export type ThreadMessage =
  | { readonly kind: "progress"; readonly sent: number }
  | { readonly kind: "done"; readonly result: SentStretch }
  | { readonly kind: "failed"; readonly facts: TidegateErrorFacts };

export function toSettings(
  given: { readonly databaseUrl: Secret; readonly kafka: KafkaConnection } & Pick<
    SenderSettings,
    "runId" | "topic" | "batchBytes"
  >,
): SenderSettings {
  const { login, ...kafka } = given.kafka;
  return {
    ...given,
    databaseUrl: given.databaseUrl.reveal(),
    kafka: { ...kafka, ...(login === undefined ? {} : { login: { ...login, password: login.password.reveal() } }) },
  };
}

/** What an error is on the other side; its class stays behind. */
export function factsOf(error: unknown): TidegateErrorFacts {
  if (error instanceof TidegateError) {
    const { code, message, remedy, details, retry, blame, exit } = error;
    return { code, message, remedy, details, retry, blame, exit };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "bazooka.sending-failed", message, remedy: "This is a mistake of ours; report it with the message." };
}
