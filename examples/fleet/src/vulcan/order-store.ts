// Orders in Redis, with the offsets that they were read up to: one script writes both, or neither.
import { createClient } from "@redis/client";
import { describeError, type Secret } from "@tidegate/kernel";
import { RedisTrouble } from "../errors.ts";
import type { TopicStore } from "../kafka/follow-topic.ts";
import type { PartitionBatch } from "../kafka/open-reader.ts";
import type { Writer } from "../releases/release.ts";
import { readMessage } from "../ender/read-message.ts";

/** `fleet:offsets`: partition → next offset. `fleet:order:<id>`: the order. `fleet:written`: version → how many orders were written by it. */
const REDIS_KEYS = { offsets: "fleet:offsets", order: "fleet:order:", written: "fleet:written" } as const;

/** An order that was forwarded twice is written twice, as the same. Redis runs a script alone, and whole. */
const STORE = `
  local at = redis.call('HGET', KEYS[1], ARGV[1])
  if at and at ~= ARGV[2] then return at end
  local orders = cjson.decode(ARGV[4])
  for _, order in ipairs(orders) do
    redis.call('HSET', '${REDIS_KEYS.order}' .. order.id, 'pair', order.pair, 'amount', order.amount, 'partition', ARGV[1],
      'offset', order.offset, 'writerVersion', ARGV[5], 'writerInstance', ARGV[6], 'writtenAt', ARGV[7])
  end
  redis.call('HINCRBY', KEYS[2], ARGV[5], #orders)
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
  return ARGV[3]`;

export interface OrderStore extends TopicStore {
  readonly close: () => void;
}

const TIMEOUT_MS = 5_000;

/** Connects, and again when the connection is lost. Throws RedisTrouble. */
export async function openOrderStore(options: {
  readonly url: Secret;
  readonly writer: Writer;
  readonly now: () => Date;
  readonly onStored?: (orders: number) => void;
}): Promise<OrderStore> {
  const { writer, now } = options;
  const client = createClient({
    url: options.url.reveal(),
    RESP: 2,
    // Without a connection a command fails at once; queued, it would wait for ever.
    disableOfflineQueue: true,
    socket: { connectTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS, reconnectStrategy: 250 },
  });
  let lastError: unknown;
  client.on("error", (error: unknown) => {
    lastError = error;
  });
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw new RedisTrouble({ reason: describeError(lastError ?? error).replace(/\.$/, ""), cause: error });
    }
  };
  await ask(async () => client.connect());
  return {
    positions: async () => {
      const offsets = await ask(async () => client.hGetAll(REDIS_KEYS.offsets));
      return new Map(Object.entries(offsets).map(([partition, offset]) => [Number(partition), BigInt(offset)]));
    },
    store: async (batch, from) => {
      const orders = ordersOf(batch);
      const script = {
        keys: [REDIS_KEYS.offsets, REDIS_KEYS.written],
        arguments: [
          String(batch.partition),
          String(from),
          String(batch.nextOffset),
          JSON.stringify(orders),
          writer.version,
          writer.instance,
          now().toISOString(),
        ],
      };
      // The script answers with an offset, as text.
      const stands = BigInt((await ask(async () => client.eval(STORE, script))) as string);
      if (stands === batch.nextOffset) options.onStored?.(orders.length);
      return stands;
    },
    close: () => client.destroy(),
  };
}

/** What is no order is passed over. */
function ordersOf({ records }: PartitionBatch): ReadonlyArray<Readonly<Record<string, string>>> {
  return records.flatMap(({ offset, value }) => {
    const order = readMessage(value);
    return order === undefined
      ? []
      : [{ id: order.id, pair: order.pair, amount: order.amount, offset: String(offset) }];
  });
}
