// What the client does with good answers, and the limits that it keeps.
import { afterEach, describe, expect, it } from "vitest";
import { createInstantClock } from "../testing/instant-clock.ts";
import { MethodError, startFaultServer, type FaultServer, type FaultServerOptions } from "../testing/fault-server.ts";
import { RpcClientClosed } from "./errors/rpc-client-closed.ts";
import { RpcRefused } from "./errors/rpc-refused.ts";
import { RpcUrlInvalid } from "./errors/rpc-url-invalid.ts";
import { parseQuantity } from "./parse.ts";
import { createRpcClient, type RpcClient, type RpcClientOptions } from "./rpc-client.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function serve(options: Partial<FaultServerOptions> = {}): Promise<FaultServer> {
  const server = await startFaultServer({
    methods: {
      eth_echo: ([value]) => value,
      eth_getEcho: ([value]) => value,
      eth_blockNumber: () => "0x10",
      eth_getBad: () => {
        throw new MethodError({ code: -32602, message: "invalid params" });
      },
    },
    ...options,
  });
  cleanups.push(async () => server.close());
  return server;
}

function connect(options: RpcClientOptions): RpcClient {
  const client = createRpcClient(options);
  cleanups.push(async () => client.close());
  return client;
}

const echoes = (count: number): { method: string; params: unknown[] }[] =>
  Array.from({ length: count }, (_, index) => ({ method: "eth_getEcho", params: [index] }));

describe("calls", () => {
  it("gives the result, parsed where a parser is given", async () => {
    const server = await serve();
    const client = connect({ urls: [server.url] });
    expect(await client.call("eth_blockNumber", [])).toBe("0x10");
    const parse = (result: unknown): bigint => parseQuantity(result, "the head");
    expect(await client.call("eth_blockNumber", [], { parse })).toBe(16n);
  });

  it("sends a bigint as a quantity, wherever it stands", async () => {
    const server = await serve();
    const client = connect({ urls: [server.url] });
    expect(await client.call("eth_getEcho", [{ fromBlock: 31n, list: [0n] }])).toEqual({
      fromBlock: "0x1f",
      list: ["0x0"],
    });
  });

  it("sends user and password as basic authorization, and not in the path", async () => {
    let seen: string | undefined;
    const server = await serve({
      faultOf: (_calls, request) => {
        seen = request.headers.authorization;
        return undefined;
      },
    });
    const client = connect({ urls: [server.url.replace("http://", "http://me:p%40ss@")] });
    await client.call("eth_blockNumber", []);
    expect(seen).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  });

  it.each([[[]], [["not a url"]], [["ftp://host/secret-secret-secret"]], [["http://a%zz@host"]]])(
    "refuses the URLs %j",
    (urls) => {
      expect(() => createRpcClient({ urls })).toThrow(RpcUrlInvalid);
      expect(() => createRpcClient({ urls })).toThrow(/^(?!.*secret-secret)/);
    },
  );
});

describe("batches", () => {
  it("come back in order, however the answers are ordered, in batches of at most maxBatch", async () => {
    const server = await serve();
    server.failAlways({ kind: "distorted", how: "reordered" });
    const client = connect({ urls: [server.url], maxBatch: 10 });
    const outcomes = await client.batch(echoes(25));
    expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual(Array.from({ length: 25 }, (_, i) => i));
    expect(server.requests.map((calls) => calls.length).toSorted((a, b) => a - b)).toEqual([5, 10, 10]);
  });

  it("let one call fail alone", async () => {
    const server = await serve();
    const client = connect({ urls: [server.url] });
    const [first, bad, last] = await client.batch([...echoes(1), { method: "eth_getBad", params: [] }, ...echoes(1)]);
    expect([first, last]).toEqual([
      { ok: true, value: 0 },
      { ok: true, value: 0 },
    ]);
    expect(bad).toEqual({ ok: false, error: expect.any(RpcRefused) });
    expect(server.requests).toHaveLength(1);
  });

  it("of nothing send nothing", async () => {
    const server = await serve();
    expect(await connect({ urls: [server.url] }).batch([])).toEqual([]);
    expect(server.requests).toHaveLength(0);
  });

  it.each([
    ["a JSON-RPC error", { kind: "error", error: { code: -32600, message: "Batch requests are not supported" } }],
    ["HTTP 400 without JSON", { kind: "status", status: 400, body: "bad request" }],
  ] as const)("fall back to single calls for an endpoint that refuses them with %s", async (_what, fault) => {
    const server = await serve({ faultOf: (calls) => (calls.length > 1 ? fault : undefined) });
    const events: unknown[] = [];
    const client = connect({ urls: [server.url], onEvent: (event) => events.push(event) });
    for (let round = 0; round < 2; round++) {
      expect(await client.batch(echoes(3))).toEqual([0, 1, 2].map((value) => ({ ok: true, value })));
    }
    expect(server.requests.map((calls) => calls.length)).toEqual([3, 1, 1, 1, 1, 1, 1]);
    expect(events).toEqual([{ code: "rpc.batch-limited", url: expect.stringContaining("127.0.0.1"), maxBatch: 1 }]);
  });

  it("get smaller for an endpoint that finds them too large", async () => {
    const error = { code: -32600, message: "batch limit 30 exceeded" };
    const server = await serve({ faultOf: (calls) => (calls.length > 30 ? { kind: "error", error } : undefined) });
    const client = connect({ urls: [server.url] });
    const outcomes = await client.batch(echoes(100));
    expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(Math.max(...server.requests.slice(-4).map((calls) => calls.length))).toBe(25);
  });

  it("are cut where their answers together are too large: HTTP 413, or geth's error for what no longer fitted", async () => {
    const server = await serve({
      faultOf: (calls) => (calls.length > 4 ? { kind: "status", status: 413 } : undefined),
    });
    const outcomes = await connect({ urls: [server.url] }).batch(echoes(16));
    expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual(Array.from({ length: 16 }, (_, i) => i));

    let room = 3;
    const geth = await serve({
      methods: {
        eth_getEcho: ([value]) => {
          if (room-- <= 0) throw new MethodError({ code: -32003, message: "response too large" });
          return value;
        },
      },
      faultOf: () => {
        room = 3;
        return undefined;
      },
    });
    const answers = await connect({ urls: [geth.url] }).batch(echoes(10));
    expect(answers.map((outcome) => outcome.ok && outcome.value)).toEqual(Array.from({ length: 10 }, (_, i) => i));
  });
});

describe("limits", () => {
  it("keeps to maxConcurrent", async () => {
    const server = await serve();
    server.failAlways({ kind: "late", ms: 5 });
    const client = connect({ urls: [server.url], maxBatch: 1, maxConcurrent: 3 });
    await client.batch(echoes(12));
    expect(server.maxInFlight).toBe(3);
  });

  it("keeps to maxRequestsPerSecond, counting each call of a batch", async () => {
    const server = await serve();
    const clock = createInstantClock();
    const client = connect({ urls: [server.url], maxBatch: 10, maxConcurrent: 1, maxRequestsPerSecond: 20, clock });
    await client.batch(echoes(100));
    // One second's worth at once, the other 80 calls at 20 per second.
    expect(clock.monotonicMs()).toBeCloseTo(4_000);
  });

  it("ends a call when its signal says so: in flight, in the queue, and while it waits to try again", async () => {
    const server = await serve();
    server.failAlways({ kind: "hang" });
    const client = connect({ urls: [server.url], maxConcurrent: 1 });
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(async ({ signal }) => client.call("eth_blockNumber", [], { signal }));
    for (const controller of controllers.toReversed()) controller.abort(new Error("enough"));
    for (const call of calls) await expect(call).rejects.toThrow("enough");

    server.failAlways({ kind: "status", status: 500 });
    const waiting = new AbortController();
    const retry = { attempts: 3, baseMs: 600_000, maxMs: 600_000 };
    const slow = connect({
      urls: [server.url],
      retry,
      random: () => 1,
      onEvent: ({ code }) => code === "rpc.retrying" && setImmediate(() => waiting.abort(new Error("enough"))),
    });
    await expect(slow.call("eth_blockNumber", [], { signal: waiting.signal })).rejects.toThrow("enough");
    await expect(slow.call("eth_blockNumber", [], { signal: waiting.signal })).rejects.toThrow("enough");
  });

  it("ends calls in flight when it is closed, and refuses later ones", async () => {
    let received: () => void = () => {};
    const arrived = new Promise<void>((resolve) => (received = resolve));
    const server = await serve({
      faultOf: () => {
        received();
        return { kind: "hang" };
      },
    });
    const client = connect({ urls: [server.url] });
    const call = client.call("eth_blockNumber", []);
    await Promise.all([arrived.then(async () => client.close()), expect(call).rejects.toThrow(RpcClientClosed)]);
    await expect(client.call("eth_blockNumber", [])).rejects.toThrow(RpcClientClosed);
    await client.close();
  });
});
