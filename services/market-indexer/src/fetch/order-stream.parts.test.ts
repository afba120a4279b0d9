// The order stream against a real HTTP server: paging, number forms, refusals, retries.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Secret, systemClock, type Clock } from "@tidegate/kernel";
import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { ProofRequest } from "../decode/abi.ts";
import { createRequestDigest } from "../decode/request-digest.ts";
import { OrderStreamUnavailable } from "../errors.ts";
import { anyRequest } from "../testing/market-arbitraries.ts";
import { orderJson, orderPage as page, type NumberForm } from "../testing/order-json.ts";
import { createOrderStream, type FetchOrders, type RefusedOrder } from "./order-stream.ts";

const digestOf = createRequestDigest({ chainId: 31_337n, marketAddress: "0x5fbdb2315678afecb367f032d93f642f64180aa3" });
const window = { after: 1_700_000_000n, before: 1_700_000_100n };

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

interface Setting {
  readonly stream: FetchOrders;
  readonly asked: URL[];
  readonly keys: unknown[];
  readonly refused: RefusedOrder[];
  readonly waits: number[];
}

async function serve(answer: (asked: URL, response: ServerResponse, nth: number) => void): Promise<Setting> {
  const asked: URL[] = [];
  const keys: unknown[] = [];
  const refused: RefusedOrder[] = [];
  const waits: number[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? "/", "http://stream");
    asked.push(url);
    keys.push(request.headers["x-api-key"]);
    answer(url, response, asked.length);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const clock: Clock = { ...systemClock, sleep: (ms) => (waits.push(ms), Promise.resolve()) };
  const stream = createOrderStream({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`,
    apiKey: new Secret("key-1"),
    digestOf,
    onEvent: (event) => refused.push(event),
    timeoutMs: 2_000,
    clock,
  });
  return { stream, asked, keys, refused, waits };
}

const requests = fc.sample(anyRequest, { seed: 7, numRuns: 12 });

/** As numbers, as decimal text and as hexadecimal text. */
const NUMBER_FORMS: readonly NumberForm[] = [String, (value) => `"${value}"`, (value) => `"0x${value.toString(16)}"`];

describe("createOrderStream", () => {
  it("reads every page of the window, with the API key", async () => {
    const [first, second, third] = requests as [ProofRequest, ProofRequest, ProofRequest];
    const { stream, asked, keys } = await serve((url, response) => {
      const isFirst = url.searchParams.get("cursor") === null;
      response.end(
        isFirst
          ? page([orderJson("1", first, String), orderJson("2", second, String)], "c2")
          : page([orderJson("3", third, String)]),
      );
    });
    const orders = await stream(window);
    expect(orders.map((order) => order.request)).toEqual([first, second, third]);
    expect(orders[0]?.createdAt).toBe(1_700_000_010n);
    expect(asked.map((url) => `${url.pathname}?${url.searchParams.toString()}`)).toEqual([
      "/base/api/v2/orders?after=2023-11-14T22%3A13%3A20.000Z&before=2023-11-14T22%3A15%3A00.000Z&sort=asc&limit=1000",
      "/base/api/v2/orders?after=2023-11-14T22%3A13%3A20.000Z&before=2023-11-14T22%3A15%3A00.000Z&sort=asc&limit=1000&cursor=c2",
    ]);
    expect(keys).toEqual(["key-1", "key-1"]);
  });

  it("takes numbers as numbers, decimal text and hexadecimal text, exactly, and enums by number and name", async () => {
    const { stream, refused } = await serve((_, response) => {
      const orders = NUMBER_FORMS.flatMap((form) =>
        requests.map((request, at) => orderJson(String(at), request, form)),
      );
      response.end(page(orders));
    });
    const orders = await stream(window);
    expect(refused).toEqual([]);
    expect(orders.map((order) => order.request)).toEqual([...requests, ...requests, ...requests]);
    expect(orders.map((order) => order.digest)).toEqual([...orders].map((order) => digestOf(order.request)));
  });

  it("takes a signature as r, s and parity", async () => {
    const [request] = requests as [ProofRequest];
    const changes = { signature: `{"r": "0x1", "s": "0x2", "yParity": "0x1", "v": "0x1c"}` };
    const { stream } = await serve((_, response) => response.end(page([orderJson("1", request, String, changes)])));
    const expected = `${"1".padStart(64, "0")}${"2".padStart(64, "0")}1c`;
    expect((await stream(window))[0]?.clientSignature.toString("hex")).toBe(expected);
  });

  it("refuses and reports an order with another digest or of no known form, and takes the others", async () => {
    const [first, second] = requests as [ProofRequest, ProofRequest];
    const { stream, refused } = await serve((_, response) =>
      response.end(
        page([
          orderJson("lie", first, String, { digest: `"0x${"00".repeat(32)}"` }),
          `{"id": 7}`,
          orderJson("late", first, String, { createdAt: `"yesterday"` }),
          orderJson("good", second, String),
        ]),
      ),
    );
    expect((await stream(window)).map((order) => order.request)).toEqual([second]);
    expect(refused.map(({ order }) => order)).toEqual(["lie", "7", "late"]);
    expect(refused[0]?.reason).toMatch(/says that its digest is 0000/);
    expect(refused[2]?.reason).toMatch(/created_at/);
  });

  it("tries a page again after 1, 2 and 4 seconds", async () => {
    const { stream, waits } = await serve((_, response, nth) => {
      if (nth === 1) response.writeHead(500).end();
      else if (nth === 2) response.writeHead(429).end();
      else if (nth === 3) response.end("{");
      else response.end(page([]));
    });
    expect(await stream(window)).toEqual([]);
    expect(waits).toEqual([1_000, 2_000, 4_000]);
  });

  it("is not read without end where its cursors go in a circle", async () => {
    const { stream, asked } = await serve((url, response) => {
      response.end(page([], url.searchParams.get("cursor") === "a" ? "b" : "a"));
    });
    await expect(stream(window)).rejects.toMatchObject({
      code: "market-indexer.order-stream-unavailable",
      message: expect.stringContaining("no way to them") as string,
    });
    expect(asked).toHaveLength(3);
  });

  it("gives up after the fourth try, for later", async () => {
    const { stream, asked } = await serve((_, response) => response.destroy());
    const error: unknown = await stream(window).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OrderStreamUnavailable);
    expect(error).toMatchObject({ retry: "later", exit: 75 });
    expect(asked).toHaveLength(4);
  });

  it("gives up at once where trying again cannot help", async () => {
    const { stream, asked } = await serve((_, response) => response.writeHead(401).end(`{"type":"x","msg":"no"}`));
    await expect(stream(window)).rejects.toMatchObject({ name: "OrderStreamUnavailable", retry: "never", exit: 1 });
    expect(asked).toHaveLength(1);
  });

  it("does not read a stream in circles", async () => {
    const { stream, asked } = await serve((_, response) => response.end(page([], "same")));
    await expect(stream(window)).rejects.toBeInstanceOf(OrderStreamUnavailable);
    expect(asked).toHaveLength(2);
  });

  it("stops when told", async () => {
    const { stream } = await serve(() => undefined);
    const stopping = new AbortController();
    const result = stream(window, stopping.signal).catch((thrown: unknown) => thrown);
    stopping.abort(new Error("stopping"));
    expect(await result).toMatchObject({ message: "stopping" });
  });
});
