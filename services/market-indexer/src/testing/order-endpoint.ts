// An order stream over HTTP that has all of its orders from the start, and fails at random.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Random } from "@tidegate/kernel";
import type { OffchainRequest } from "../types.ts";
import { orderJson, orderPage } from "./order-json.ts";

export interface OrderEndpoint {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const PAGE = 2;

export async function startOrderEndpoint(options: {
  readonly orders: readonly OffchainRequest[];
  readonly random: Random;
  /** Of an answer that is an error, 0 to 1, asked each time. */
  readonly faultRate: () => number;
}): Promise<OrderEndpoint> {
  const { random, faultRate } = options;
  const sorted = options.orders.toSorted((one, other) => Number(one.createdAt - other.createdAt));
  const server = createServer((request, response) => {
    if (random.next() < faultRate()) {
      response.writeHead(random.pick([429, 500, 503])).end();
      return;
    }
    const { searchParams } = new URL(request.url ?? "/", "http://stream");
    const secondsOf = (name: string): bigint => BigInt(Date.parse(searchParams.get(name) ?? "")) / 1_000n;
    const [after, before] = [secondsOf("after"), secondsOf("before")];
    const asked = sorted.filter(({ createdAt }) => createdAt > after && createdAt < before);
    const from = Number(searchParams.get("cursor") ?? 0);
    const page = asked.slice(from, from + PAGE).map((order, index) => jsonOf(order, from + index));
    response.end(orderPage(page, from + PAGE < asked.length ? String(from + PAGE) : undefined));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function jsonOf({ request, createdAt, clientSignature }: OffchainRequest, id: number): string {
  return orderJson(String(id), request, (value) => `"${value}"`, {
    createdAt: JSON.stringify(new Date(Number(createdAt) * 1_000).toISOString()),
    signature: JSON.stringify(`0x${clientSignature.toString("hex")}`),
  });
}
