// One batch of messages: in the ledger before it is sent, in the ledger again with its places when the broker acknowledged it.
import type { Clock } from "@tidegate/kernel";
import type { Sender } from "../kafka/open-sender.ts";
import type { AcceptedLine, Ledger } from "../ledger/ledger.ts";
import type { FleetEvent } from "../releases/release.ts";

export interface SendDeps {
  readonly sender: Sender;
  readonly topic: string;
  /** Of the topic. */
  readonly partitions: number;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/** Throws KafkaTrouble: then the ledger has them as sent, with an unknown outcome, and they must not be sent again. */
export async function sendMessages(deps: SendDeps, messages: readonly FleetEvent[]): Promise<void> {
  const { sender, topic, partitions, ledger, clock } = deps;
  const now = (): string => clock.now().toISOString();
  await ledger.flush(messages.map(({ id }) => ({ kind: "sent", what: "event", id, at: now() })));
  // Round and round: so the place of each message follows from the first offset of its partition.
  const placed = messages.map((message, index) => ({ message, partition: index % partitions }));
  const firsts = await sender.send(
    placed.map(({ message, partition }) => ({ topic, partition, key: message.id, value: JSON.stringify(message) })),
  );
  await ledger.flush(acceptedLines(placed, firsts, { topic, partitions, at: now() }));
}

/** A batch of one partition has consecutive offsets, in its order: it is one record batch of the protocol. */
export function acceptedLines(
  placed: ReadonlyArray<{ readonly message: { readonly id: string }; readonly partition: number }>,
  firsts: ReadonlyMap<string, bigint>,
  about: { readonly topic: string; readonly partitions: number; readonly at: string },
): readonly AcceptedLine[] {
  return placed.flatMap(({ message, partition }, index) => {
    const first = firsts.get(`${about.topic}/${partition}`);
    // No acknowledgement that names the place: not accepted, as far as we know.
    if (first === undefined) return [];
    const offset = first + BigInt(Math.floor(index / about.partitions));
    return [{ kind: "accepted", what: "event", id: message.id, at: about.at, partition, offset: String(offset) }];
  });
}
