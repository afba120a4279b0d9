// Of several endpoints the first healthy one is used: what makes another one's turn, and that none of another chain is used.
import { afterEach, describe, expect, it } from "vitest";
import { MethodError, startFaultServer, type FaultServer } from "../testing/fault-server.ts";
import { createInstantClock } from "../testing/instant-clock.ts";
import { createRpcClient, type RpcClient, type RpcClientOptions } from "./rpc-client.ts";
import type { RpcEvent } from "./rpc-event.ts";

const opened: (FaultServer | RpcClient)[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(async (one) => one.close()));
});

async function serve(chainId = "0x1"): Promise<FaultServer> {
  const revert = (): never => {
    throw new MethodError({ code: 3, message: "execution reverted: no" });
  };
  const server = await startFaultServer({
    methods: { eth_blockNumber: () => "0x10", eth_call: revert, eth_chainId: () => chainId },
  });
  opened.push(server);
  return server;
}

function connect(servers: readonly FaultServer[], options: Partial<RpcClientOptions> = {}) {
  const events: RpcEvent[] = [];
  const clock = createInstantClock();
  const urls = servers.map(({ url }) => url);
  const client = createRpcClient({ urls, clock, restMs: 5_000, onEvent: (event) => events.push(event), ...options });
  opened.push(client);
  return { client, clock, events };
}

const methodsOf = ({ requests }: FaultServer): readonly string[] => requests.flat().map(({ method }) => method);

describe("several endpoints", () => {
  it("uses the first; a half-dead one is left for the next, and tried again after a rest that grows", async () => {
    const [first, second] = [await serve(), await serve()];
    const { client, clock, events } = connect([first, second], { restMs: 1_000, requestTimeoutMs: 150 });
    await client.call("eth_blockNumber", []);
    expect([first.requests.length, second.requests.length]).toEqual([1, 0]);

    first.failAlways({ kind: "hang" });
    for (let call = 0; call < 5; call++) await client.call("eth_blockNumber", []);
    expect([first.requests.length, second.requests.length]).toEqual([2, 5]);
    expect(clock.waits).toEqual([]);

    clock.advance(1_000);
    // While one call finds out, the others do not wait for it.
    await Promise.all(Array.from({ length: 4 }, async () => client.call("eth_blockNumber", [])));
    expect(first.requests).toHaveLength(3);

    first.failAlways(undefined);
    clock.advance(1_000);
    await client.call("eth_blockNumber", []);
    expect(first.requests).toHaveLength(3);
    clock.advance(1_000);
    await client.call("eth_blockNumber", []);
    await client.call("eth_blockNumber", []);
    expect(first.requests).toHaveLength(5);
    expect(events.map((event) => event.code)).toEqual([
      "rpc.endpoint-resting",
      "rpc.endpoint-resting",
      "rpc.endpoint-back",
    ]);
    expect(events.map((event) => "restMs" in event && event.restMs)).toEqual([1_000, 2_000, false]);
  });

  it("counts failures of requests that were in flight together as one", async () => {
    const [first, second] = [await serve(), await serve()];
    const { client, events } = connect([first, second], { restMs: 1_000 });
    first.failAlways({ kind: "late", ms: 5 });
    await client.call("eth_blockNumber", []);
    first.failAlways({ kind: "reset" });
    await Promise.all(Array.from({ length: 6 }, async () => client.call("eth_blockNumber", [])));
    const rests = events.flatMap((event) => (event.code === "rpc.endpoint-resting" ? [event.restMs] : []));
    expect(rests).toEqual([1_000]);
  });

  it("goes on with the next one past a refused key or a rate limit, but not past a refused call", async () => {
    const [first, second] = [await serve(), await serve()];
    for (const status of [401, 429]) {
      const { client } = connect([first, second]);
      first.failNext({ kind: "status", status });
      expect(await client.call("eth_blockNumber", [])).toBe("0x10");
    }
    expect([first.requests.length, second.requests.length]).toEqual([2, 2]);
    await expect(connect([first, second]).client.call("eth_call", [])).rejects.toMatchObject({ code: "rpc.refused" });
    expect([first.requests.length, second.requests.length]).toEqual([3, 2]);
  });

  it("sends only what failed to the next one", async () => {
    const [first, second] = [await serve(), await serve()];
    const { client } = connect([first, second], { maxBatch: 2 });
    first.failNext({ kind: "reset" });
    const outcomes = await client.batch(Array.from({ length: 4 }, () => ({ method: "eth_blockNumber", params: [] })));
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
    expect(first.requests.flat().length + second.requests.flat().length).toBe(6);
  });
});

describe("another endpoint", () => {
  it.each([
    ["a block that it does not know", -32000, "header not found"],
    ["a busy server", -32000, "server is busy"],
    ["a method that it does not have", -32601, "the method does not exist/is not available"],
    ["one, said in words", -32000, "Unsupported method: eth_blockNumber"],
  ])("is asked at once after %s", async (_what, code, message) => {
    const [first, second] = [await serve(), await serve()];
    first.failAlways({ kind: "error", error: { code, message } });
    const { client, events } = connect([first, second]);
    expect(await client.call("eth_blockNumber", [])).toBe("0x10");
    expect(first.requests).toHaveLength(1);
    expect(events).toEqual([]);
  });
});

describe("requireChain", () => {
  it("asks each endpoint once before its first answer, and again when it comes back", async () => {
    const first = await serve();
    const { client, clock } = connect([first]);
    client.requireChain(1n);
    await client.call("eth_blockNumber", []);
    await client.call("eth_blockNumber", []);
    expect(methodsOf(first)).toEqual(["eth_chainId", "eth_blockNumber", "eth_blockNumber"]);
    first.failNext({ kind: "reset" });
    await client.call("eth_blockNumber", []);
    clock.advance(5_001);
    expect(methodsOf(first).slice(3)).toEqual(["eth_blockNumber", "eth_chainId", "eth_blockNumber"]);
  });

  it("uses nothing of an endpoint of another chain, and goes on to the next", async () => {
    const [stranger, right] = [await serve("0x5"), await serve()];
    const { client, events } = connect([stranger, right]);
    client.requireChain(1n);
    expect(await client.call("eth_blockNumber", [])).toBe("0x10");
    expect(methodsOf(stranger)).toEqual(["eth_chainId"]);
    expect(events).toMatchObject([{ code: "rpc.endpoint-resting", error: { code: "rpc.wrong-chain-id" } }]);
  });

  it("throws WrongChainId, which names the endpoint, where there is no other", async () => {
    const stranger = await serve("0x5");
    const { client } = connect([stranger]);
    client.requireChain(1n);
    await expect(client.call("eth_blockNumber", [])).rejects.toMatchObject({
      code: "rpc.wrong-chain-id",
      message: expect.stringMatching(/127\.0\.0\.1.* serves chain 5, not chain 1/) as string,
    });
    expect(new Set(methodsOf(stranger))).toEqual(new Set(["eth_chainId"]));
  });
});
