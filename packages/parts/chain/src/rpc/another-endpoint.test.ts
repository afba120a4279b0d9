// When another endpoint is asked at once, and when none of another chain is.
import { afterEach, describe, expect, it } from "vitest";
import { startFaultServer, type FaultServer } from "../testing/fault-server.ts";
import { createInstantClock } from "../testing/instant-clock.ts";
import { createRpcClient, type RpcClient } from "./rpc-client.ts";
import type { RpcEvent } from "./rpc-event.ts";

const opened: (FaultServer | RpcClient)[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(async (one) => one.close()));
});

async function serve(chainId: string): Promise<FaultServer> {
  const server = await startFaultServer({
    methods: { eth_blockNumber: () => "0x10", eth_call: () => "0x", eth_chainId: () => chainId },
  });
  opened.push(server);
  return server;
}

function connect(servers: readonly FaultServer[]) {
  const events: RpcEvent[] = [];
  const clock = createInstantClock();
  const urls = servers.map(({ url }) => url);
  const client = createRpcClient({ urls, clock, restMs: 5_000, onEvent: (event) => events.push(event) });
  opened.push(client);
  return { client, clock, events };
}

const methodsOf = ({ requests }: FaultServer): readonly string[] => requests.flat().map(({ method }) => method);

describe("another endpoint", () => {
  it.each([
    ["a block that it does not know", -32000, "header not found"],
    ["a busy server", -32000, "server is busy"],
    ["a method that it does not have", -32601, "the method does not exist/is not available"],
    ["one, said in words", -32000, "Unsupported method: eth_blockNumber"],
  ])("is asked at once after %s", async (_what, code, message) => {
    const [first, second] = [await serve("0x1"), await serve("0x1")];
    first.failAlways({ kind: "error", error: { code, message } });
    const { client, events } = connect([first, second]);
    expect(await client.call("eth_blockNumber", [])).toBe("0x10");
    expect(first.requests).toHaveLength(1);
    expect(events).toEqual([]);
  });

  it("is not asked after a revert, which it would only repeat", async () => {
    const [first, second] = [await serve("0x1"), await serve("0x1")];
    first.failAlways({ kind: "error", error: { code: 3, message: "execution reverted" } });
    const { client } = connect([first, second]);
    await expect(client.call("eth_call", [])).rejects.toMatchObject({ code: "rpc.refused", retry: "never" });
    expect(second.requests).toEqual([]);
  });
});

describe("requireChain", () => {
  it("asks each endpoint once before its first answer, and again when it comes back", async () => {
    const first = await serve("0x1");
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
    const [stranger, right] = [await serve("0x5"), await serve("0x1")];
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
