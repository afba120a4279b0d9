// A chain made of decoded events, for tests of what is stored and derived: no node, any history, also such as no contract allows.
import { createHash } from "node:crypto";
import type { ProofRequest } from "../decode/abi.ts";
import type { BatchStore, BatchToStore } from "../store/store-batch.ts";
import type { StoredBlock } from "../store/progress.ts";
import type { BlockRange, EventPlace, FetchedBatch, MarketEvent, OffchainRequest } from "../types.ts";

/** An event that does not know its place yet. */
export type PlacedLater = (place: EventPlace) => MarketEvent;

export interface SyntheticBlock {
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly events: readonly PlacedLater[];
}

export interface SyntheticRequest {
  readonly digest: Buffer;
  readonly request: ProofRequest;
}

const signature = Buffer.alloc(65, 7);

export function hash32(...parts: readonly unknown[]): Buffer {
  return createHash("sha256").update(parts.join("/")).digest();
}

export const submit =
  ({ digest, request }: SyntheticRequest): PlacedLater =>
  (place) => ({
    name: "RequestSubmitted",
    place,
    digest,
    args: { requestId: request.id, request, clientSignature: signature },
  });

export const lock =
  ({ digest, request }: SyntheticRequest, prover: Buffer): PlacedLater =>
  (place) => ({
    name: "RequestLocked",
    place,
    digest,
    args: { requestId: request.id, prover, request, clientSignature: signature },
  });

export const fulfill =
  ({ digest, request }: SyntheticRequest, prover: Buffer): PlacedLater =>
  (place) => ({ name: "RequestFulfilled", place, args: { requestId: request.id, prover, requestDigest: digest } });

export const deliver =
  ({ digest, request }: SyntheticRequest, prover: Buffer): PlacedLater =>
  (place) => ({
    name: "ProofDelivered",
    place,
    args: {
      requestId: request.id,
      prover,
      fulfillment: {
        id: request.id,
        requestDigest: digest,
        claimDigest: hash32("claim"),
        fulfillmentDataType: 1,
        fulfillmentData: Buffer.from("journal"),
        seal: Buffer.from("seal"),
      },
    },
  });

export const slash =
  ({ request }: SyntheticRequest, recipient: Buffer): PlacedLater =>
  (place) => ({
    name: "ProverSlashed",
    place,
    args: {
      requestId: request.id,
      collateralBurned: 3n,
      collateralTransferred: 2n,
      collateralRecipient: recipient,
    },
  });

export const failCallback =
  ({ request }: SyntheticRequest, callback: Buffer): PlacedLater =>
  (place) => ({
    name: "CallbackFailed",
    place,
    args: { requestId: request.id, callback, error: Buffer.from("out of gas") },
  });

export const transfer =
  (
    name: "Deposit" | "Withdrawal" | "CollateralDeposit" | "CollateralWithdrawal",
    account: Buffer,
    value: bigint,
  ): PlacedLater =>
  (place) => ({ name, place, args: { account, value } });

/** Its events with their places: one transaction for each event. */
export function eventsOf(block: SyntheticBlock): MarketEvent[] {
  return block.events.map((build, logIndex) =>
    build({
      blockNumber: block.number,
      logIndex,
      txHash: hash32("tx", block.number, logIndex),
      blockTimestamp: block.timestamp,
    }),
  );
}

export interface SyntheticBatch extends Omit<BatchToStore, "fetched" | "rows"> {
  readonly fetched: FetchedBatch;
  readonly events: readonly MarketEvent[];
}

/** Stores it as the pipeline does. */
export async function appendTo(store: BatchStore, { fetched, events, ...rest }: SyntheticBatch): Promise<StoredBlock> {
  return store.append({ fetched, rows: await store.encode(fetched, events), ...rest });
}

/** What fetching and decoding these blocks would give; orders are those that their window would show. */
export function batchOf(
  blocks: readonly SyntheticBlock[],
  previous: StoredBlock | undefined,
  orders?: readonly OffchainRequest[],
): SyntheticBatch {
  const first = blocks[0];
  const last = blocks.at(-1);
  if (first === undefined || last === undefined) throw new RangeError("A batch has a block");
  const range: BlockRange = { from: first.number, to: last.number };
  const events = blocks.flatMap(eventsOf);
  const after = (previous?.timestamp ?? first.timestamp) - 1n;
  const hex = (bytes: Buffer): string => `0x${bytes.toString("hex")}`;
  return {
    previous,
    events,
    deadLetters: [],
    offchain: orders?.filter(({ createdAt }) => createdAt > after && createdAt < last.timestamp + 1n),
    fetched: {
      range,
      windowFrom: first.number,
      logs: events.map(({ place }) => ({
        topics: [],
        data: Buffer.alloc(0),
        blockNumber: place.blockNumber,
        blockHash: hex(hash32("block", place.blockNumber)),
        transactionHash: hex(place.txHash),
        transactionIndex: place.logIndex,
        logIndex: place.logIndex,
      })),
      headers: new Map(
        blocks.map(({ number, timestamp }) => [
          number,
          {
            number,
            timestamp,
            hash: hex(hash32("block", number)),
            parentHash: hex(hash32("block", number - 1n)),
            baseFeePerGas: 7n,
            logsBloom: `0x${"00".repeat(256)}`,
          },
        ]),
      ),
      transactions: new Map(
        events.map(({ place }) => [
          hex(place.txHash),
          {
            from: `0x${"ab".repeat(20)}`,
            transactionIndex: place.logIndex,
            blockNumber: place.blockNumber,
            blockHash: hex(hash32("block", place.blockNumber)),
          },
        ]),
      ),
    },
  };
}
