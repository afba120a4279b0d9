// What the client does when endpoints fail. The clock is instant, so waits are seen and not waited for.
import { serialiseError, type TidegateError } from "@tidegate/kernel";
import { afterEach, describe, expect, it } from "vitest";
import { createInstantClock, type InstantClock } from "../testing/instant-clock.ts";
import { MethodError, startFaultServer, type Fault, type FaultServer } from "../testing/fault-server.ts";
import { RpcAnswerTooLarge } from "./errors/rpc-answer-too-large.ts";
import { RpcBadAnswer } from "./errors/rpc-bad-answer.ts";
import { RpcRangeTooLarge } from "./errors/rpc-range-too-large.ts";
import { RpcRateLimited } from "./errors/rpc-rate-limited.ts";
import { RpcRefused } from "./errors/rpc-refused.ts";
import { RpcUnreachable } from "./errors/rpc-unreachable.ts";
import { createRpcClient, type RpcClient, type RpcClientOptions } from "./rpc-client.ts";
import type { RpcEvent } from "./rpc-event.ts";

/** Short where an endpoint never answers; long enough for one that does, on a busy machine. */
const limitFor = (fault: Fault): { requestTimeoutMs: number } => ({
  requestTimeoutMs: fault.kind === "hang" ? 150 : 5_000,
});

const KEY = "k3yk3yk3yk3yk3yk3yk3y";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function serve(): Promise<FaultServer> {
  const refuse = (code: number, message: string) => () => {
    throw new MethodError({ code, message });
  };
  const server = await startFaultServer({
    methods: {
      eth_blockNumber: () => "0x10",
      eth_getLogs: () => [],
      evm_mine: () => "0x0",
      eth_getNothing: refuse(-32602, "invalid argument 0"),
      eth_call: refuse(3, "execution reverted: no"),
      // Hardhat and others give reverts the code of an internal error.
      eth_estimateGas: refuse(-32603, "VM Exception: reverted with reason string 'no'"),
      eth_getKey: refuse(-32000, `project id ${KEY} is suspended`),
    },
  });
  cleanups.push(async () => server.close());
  return server;
}

interface Setup {
  readonly client: RpcClient;
  readonly clock: InstantClock;
  readonly events: RpcEvent[];
}

function connect(urls: readonly string[], options: Partial<RpcClientOptions> = {}): Setup {
  const clock = createInstantClock();
  const events: RpcEvent[] = [];
  const retry = { attempts: 3, baseMs: 100, maxMs: 1_000 };
  const client = createRpcClient({
    urls,
    clock,
    retry,
    random: () => 1,
    requestTimeoutMs: 5_000,
    maxBodyBytes: 10_000,
    onEvent: (event) => events.push(event),
    ...options,
  });
  cleanups.push(async () => client.close());
  return { client, clock, events };
}

async function failureOf(call: Promise<unknown>): Promise<TidegateError> {
  return call.then(
    (value) => expect.fail(`it gave ${JSON.stringify(value)}`),
    (error: unknown) => error as TidegateError,
  );
}

const passing: readonly [string, Fault, new (...given: never[]) => TidegateError][] = [
  ["HTTP 500", { kind: "status", status: 500 }, RpcUnreachable],
  ["HTTP 503", { kind: "status", status: 503, headers: { "retry-after": "2" } }, RpcUnreachable],
  ["HTTP 408", { kind: "status", status: 408 }, RpcUnreachable],
  [
    "HTTP 500 with a JSON-RPC error",
    { kind: "error", status: 500, error: { code: -32603, message: "oops" } },
    RpcUnreachable,
  ],
  ["HTTP 429", { kind: "status", status: 429 }, RpcRateLimited],
  ["a reset connection", { kind: "reset" }, RpcUnreachable],
  ["no answer", { kind: "hang" }, RpcUnreachable],
  ["a body cut off", { kind: "truncated" }, RpcUnreachable],
  ["half of the JSON", { kind: "half-json" }, RpcBadAnswer],
  ["HTML", { kind: "html" }, RpcBadAnswer],
  ["an id of another call", { kind: "distorted", how: "wrong-ids" }, RpcBadAnswer],
  ["two answers with one id", { kind: "distorted", how: "duplicate-ids" }, RpcBadAnswer],
  ["no answer in the list", { kind: "distorted", how: "missing-item" }, RpcBadAnswer],
  ["an answer nobody asked for", { kind: "distorted", how: "extra-item" }, RpcBadAnswer],
  ["neither result nor error", { kind: "distorted", how: "no-result" }, RpcBadAnswer],
  ["limit exceeded (-32005)", { kind: "error", error: { code: -32005, message: "limit exceeded" } }, RpcRateLimited],
  ["limit exceeded (-32097)", { kind: "error", error: { code: -32097, message: "slow down" } }, RpcRateLimited],
  ["a rate limit in words", { kind: "error", error: { code: -32000, message: "Rate limit reached" } }, RpcRateLimited],
  ["too many requests", { kind: "error", error: { code: -32600, message: "Too Many Requests" } }, RpcRateLimited],
  [
    "a head not yet reached",
    { kind: "error", error: { code: -32000, message: "range extends beyond current head block" } },
    RpcRefused,
  ],
  ["an internal error", { kind: "error", error: { code: -32603, message: "internal error" } }, RpcRefused],
  ["a block not yet known", { kind: "error", error: { code: -32000, message: "header not found" } }, RpcRefused],
];

describe("a fault that passes", () => {
  it.each(passing)("is tried again after %s", async (_what, fault) => {
    const server = await serve();
    const { client, events } = connect([server.url], limitFor(fault));
    server.failNext(fault, fault);
    expect(await client.call("eth_blockNumber", [])).toBe("0x10");
    expect(server.requests).toHaveLength(3);
    expect(events.filter(({ code }) => code === "rpc.retrying")).toHaveLength(2);
  });

  it.each(passing)("is an error with a remedy when it stays: %s", async (_what, fault, kind) => {
    const server = await serve();
    const { client, clock } = connect([server.url], limitFor(fault));
    server.failAlways(fault);
    const error = await failureOf(client.call("eth_blockNumber", []));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ retry: "later", remedy: expect.stringMatching(/\S/), exit: expect.any(Number) });
    expect(error.message).toContain("eth_blockNumber");
    expect(server.requests).toHaveLength(3);
    expect(clock.waits.length).toBeGreaterThanOrEqual(2);
  });

  it.each(passing)("fails a batch as a whole or not at all: %s", async (_what, fault) => {
    const server = await serve();
    const { client } = connect([server.url], limitFor(fault));
    server.failNext(fault);
    const outcomes = await client.batch(Array.from({ length: 3 }, () => ({ method: "eth_blockNumber", params: [] })));
    expect(outcomes).toEqual([1, 2, 3].map(() => ({ ok: true, value: "0x10" })));
  });

  it("is not taken for a refusal of batches when it is a rate limit", async () => {
    const server = await serve();
    const { client, events } = connect([server.url]);
    server.failNext({ kind: "error", error: { code: -32600, message: "Too Many Requests" } });
    await client.batch(Array.from({ length: 3 }, () => ({ method: "eth_blockNumber", params: [] })));
    expect(server.requests.map((calls) => calls.length)).toEqual([3, 3]);
    expect(events.map(({ code }) => code)).not.toContain("rpc.batch-limited");
  });

  it("includes a parser's refusal", async () => {
    const server = await serve();
    const { client } = connect([server.url]);
    let answers = 0;
    const parse = (): string => {
      if (++answers < 3) throw new TypeError("not yet");
      return "good";
    };
    expect(await client.call("eth_blockNumber", [], { parse })).toBe("good");
    expect(await failureOf(client.call("eth_blockNumber", [], { parse: () => parseNothing() }))).toBeInstanceOf(
      RpcBadAnswer,
    );
  });

  it("waits as long as Retry-After says, but no longer than a minute", async () => {
    for (const [asked, expected] of [
      ["7", 7_000],
      ["86400", 60_000],
    ] as const) {
      const server = await serve();
      const { client, clock } = connect([server.url]);
      server.failNext({ kind: "status", status: 429, headers: { "retry-after": asked } });
      expect(await client.call("eth_blockNumber", [])).toBe("0x10");
      expect(clock.monotonicMs()).toBe(expected);
    }
  });
});

function parseNothing(): never {
  throw new TypeError("no");
}

describe("a fault that does not pass", () => {
  it.each([
    ["eth_getNothing", -32602],
    ["eth_getMethodThatIsNot", -32601],
    ["eth_call", 3],
    ["eth_estimateGas", -32603],
  ])("is not tried again: %s", async (method, rpcCode) => {
    const server = await serve();
    const { client, events } = connect([server.url]);
    expect(await failureOf(client.call(method, []))).toMatchObject({ code: "rpc.refused", rpcCode, retry: "never" });
    expect(server.requests).toHaveLength(1);
    expect(events).toEqual([]);
  });

  it.each([401, 403, 404])("is not tried again: HTTP %i", async (status) => {
    const server = await serve();
    const { client } = connect([server.url]);
    server.failAlways({ kind: "status", status, body: '{"error": "invalid api key"}' });
    const error = await failureOf(client.call("eth_blockNumber", []));
    expect(error).toMatchObject({ code: "rpc.unreachable", retry: "never", blame: "user", exit: 69 });
    expect(server.requests).toHaveLength(1);
  });

  it("is a body larger than the limit", async () => {
    const server = await serve();
    const { client } = connect([server.url]);
    server.failAlways({ kind: "huge", bytes: 50_000 });
    expect(await failureOf(client.call("eth_blockNumber", []))).toBeInstanceOf(RpcAnswerTooLarge);
    expect(await failureOf(client.call("eth_getLogs", [{}]))).toBeInstanceOf(RpcRangeTooLarge);
    expect(server.requests).toHaveLength(2);
  });
});

describe("a call that is not a reading", () => {
  it.each<[string, Fault]>([
    ["HTTP 500", { kind: "status", status: 500 }],
    ["a reset connection", { kind: "reset" }],
    ["no answer", { kind: "hang" }],
    ["half of the JSON", { kind: "half-json" }],
  ])("is sent once, because it may have been done: %s", async (_what, fault) => {
    const server = await serve();
    const { client } = connect([server.url, server.url], limitFor(fault));
    server.failNext(fault);
    await failureOf(client.call("evm_mine", []));
    expect(server.requests).toHaveLength(1);
    server.failNext(fault);
    expect(await client.call("evm_mine", [], { isRepeatable: true })).toBe("0x0");
  });

  it("is sent again when it certainly was not done", async () => {
    const server = await serve();
    server.failNext({ kind: "status", status: 429 });
    expect(await connect([server.url]).client.call("evm_mine", [])).toBe("0x0");
    await server.close();
    cleanups.splice(0, 1);
    const { client, events } = connect([server.url]);
    const error = await failureOf(client.call("evm_mine", []));
    expect(error).toMatchObject({ code: "rpc.unreachable", isNotDone: true });
    expect(events.filter(({ code }) => code === "rpc.retrying")).toHaveLength(2);
  });
});

it("never tells the API key: not in errors, their causes or events", async () => {
  const server = await serve();
  const url = `${server.url.replace("http://", `http://user:${KEY}@`)}/v3/${KEY}?key=${KEY}`;
  const told: string[] = [];
  for (const [, fault] of passing) {
    const { client, events } = connect([url], limitFor(fault));
    server.failAlways(fault);
    told.push(JSON.stringify(serialiseError(await failureOf(client.call("eth_blockNumber", [])))));
    told.push(
      JSON.stringify(events, (_key, value: unknown) => (value instanceof Error ? serialiseError(value) : value)),
    );
  }
  server.failAlways(undefined);
  const { client } = connect([url]);
  told.push(JSON.stringify(serialiseError(await failureOf(client.call("eth_getKey", [])))));
  server.failAlways({ kind: "status", status: 401, body: `{"error":"key ${KEY} unknown"}` });
  told.push(JSON.stringify(serialiseError(await failureOf(client.call("eth_blockNumber", [])))));
  expect(told.filter((text) => text.includes(KEY))).toEqual([]);
  expect(told.at(-2)).toContain("project id *** is suspended");
});
