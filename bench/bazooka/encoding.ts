// Our encoder and protobufjs + long over the same orders: each has its own prepared form, and makes the same bytes.
import {
  encodeOrderId,
  encodePlace,
  readMarkets,
  selectOrders,
  toIndexerOrder,
  WireWriter,
} from "@tidegate/bazooka/testing/orders";
import type { Pool } from "@tidegate/postgres";
import { encodeIdMessage, encodePlaceMessage, toIdMessage, toOrderMessage } from "./reference-messages.ts";

const ORDERS = 20_000;

export async function measureEncoding(
  pool: Pool,
  pairs: number,
): Promise<{
  readonly orders: number;
  readonly samples: ReadonlyArray<{ readonly oursNs: number; readonly theirsNs: number }>;
}> {
  const rows = await selectOrders(pool, await readMarkets(pool), { after: null, limit: ORDERS, onlyFilled: false });
  const orders = rows.map(toIndexerOrder);
  const references = orders.map((order) => ({ id: toIdMessage(order), order: toOrderMessage(order) }));
  const writer = new WireWriter();
  const ours = (): number => {
    let bytes = 0;
    for (const order of orders) {
      const id = encodeOrderId(writer, order.id);
      bytes += id.length + encodePlace(writer, order, id).length;
    }
    return bytes;
  };
  const theirs = (): number => {
    let bytes = 0;
    for (const { id, order } of references) bytes += encodeIdMessage(id).length + encodePlaceMessage(order).length;
    return bytes;
  };
  for (const [index, order] of orders.entries()) {
    const id = encodeOrderId(writer, order.id);
    const reference = references[index] ?? { id: {}, order: {} };
    if (
      !id.equals(encodeIdMessage(reference.id)) ||
      !encodePlace(writer, order, id).equals(encodePlaceMessage(reference.order))
    )
      throw new Error(`the two encoders do not make the same bytes of ${rows[index]?.id ?? ""}`);
  }
  const nanoseconds = (work: () => number): number => {
    const begun = performance.now();
    work();
    return ((performance.now() - begun) * 1e6) / ORDERS;
  };
  for (let warm = 0; warm < 5; warm++) if (ours() !== theirs()) throw new Error("the bytes changed");
  const samples = Array.from({ length: pairs }, (_, pair) => {
    // In turns: whoever is second finds the memory as the first left it.
    const one = nanoseconds(pair % 2 === 0 ? ours : theirs);
    const other = nanoseconds(pair % 2 === 0 ? theirs : ours);
    return pair % 2 === 0 ? { oursNs: one, theirsNs: other } : { oursNs: other, theirsNs: one };
  });
  return { orders: ORDERS, samples };
}
