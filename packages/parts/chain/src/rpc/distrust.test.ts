// What a caller found out about an endpoint by comparing its answers.
import { afterEach, describe, expect, it } from "vitest";
import { startFaultServer, type FaultServer } from "../testing/fault-server.ts";
import { createInstantClock } from "../testing/instant-clock.ts";
import { RpcBadAnswer } from "./errors/rpc-bad-answer.ts";
import { createRpcClient, type RpcClient } from "./rpc-client.ts";

const opened: (FaultServer | RpcClient)[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(async (one) => one.close()));
});

const lie = new RpcBadAnswer({ method: "eth_getLogs", url: "http://first", reason: "it left logs out" });

async function start(
  count: number,
): Promise<{ client: RpcClient; servers: FaultServer[]; clock: ReturnType<typeof createInstantClock> }> {
  const servers = await Promise.all(
    Array.from({ length: count }, async (_, index) =>
      startFaultServer({ methods: { eth_blockNumber: () => `0x${index + 1}` } }),
    ),
  );
  const clock = createInstantClock();
  const client = createRpcClient({ urls: servers.map(({ url }) => url), clock, restMs: 5_000 });
  opened.push(...servers, client);
  return { client, servers, clock };
}

describe("distrust", () => {
  it("prefers another until the rest is over", async () => {
    const { client, clock } = await start(2);
    expect(await client.call("eth_blockNumber", [])).toBe("0x1");
    client.distrust(lie);
    expect(await client.call("eth_blockNumber", [])).toBe("0x2");
    clock.advance(5_001);
    expect(await client.call("eth_blockNumber", [])).toBe("0x1");
  });

  it("is not undone by an answer that was on its way", async () => {
    const { client, servers } = await start(2);
    servers[0]?.failNext({ kind: "late", ms: 30 });
    const onItsWay = client.call("eth_blockNumber", []);
    client.distrust(lie);
    expect(await onItsWay).toBe("0x1");
    expect(await client.call("eth_blockNumber", [])).toBe("0x2");
  });

  it("does nothing where there is no other", async () => {
    const { client } = await start(1);
    client.distrust(lie);
    expect(await client.call("eth_blockNumber", [])).toBe("0x1");
  });
});
