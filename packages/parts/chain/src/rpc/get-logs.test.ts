// Any range, whatever the endpoint gives at once; and answers that do not fit the question.
import { afterEach, describe, expect, it } from "vitest";
import { createInstantClock } from "../testing/instant-clock.ts";
import { MethodError, startFaultServer, type FaultServer } from "../testing/fault-server.ts";
import { rangeDialects, type RangeDialect } from "../testing/range-dialects.ts";
import { RpcBadAnswer } from "./errors/rpc-bad-answer.ts";
import { RpcBlockTooLarge } from "./errors/rpc-range-too-large.ts";
import { getLogs, getLogsUpTo } from "./get-logs.ts";
import { createRpcClient, type RpcClient } from "./rpc-client.ts";
import type { RpcEvent } from "./rpc-event.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const MARKET = `0x${"ab".repeat(20)}`;
const OTHER = `0x${"cd".repeat(20)}`;
const TOPIC = `0x${"11".repeat(32)}`;

const hash = (value: number): string => `0x${value.toString(16).padStart(64, "0")}`;
const quantity = (value: number | bigint): string => `0x${value.toString(16)}`;

function logAt(block: number, logIndex: number, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    address: MARKET,
    topics: [TOPIC, hash(block)],
    data: "0x01",
    blockNumber: quantity(block),
    blockHash: hash(1_000 + block),
    transactionHash: hash(2_000 + block),
    transactionIndex: "0x0",
    logIndex: quantity(logIndex),
    removed: false,
    ...changes,
  };
}

async function connect(server: FaultServer, onEvent?: (event: RpcEvent) => void): Promise<RpcClient> {
  const clock = createInstantClock();
  const client = createRpcClient({
    urls: [server.url],
    clock,
    retry: { attempts: 2 },
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  cleanups.push(
    async () => server.close(),
    async () => client.close(),
  );
  return client;
}

/** Two logs in each block; at most 20 logs, or 10 blocks, at once. */
async function serveLimited(dialect: RangeDialect): Promise<FaultServer> {
  return startFaultServer({
    methods: {
      eth_getLogs: ([filter]) => {
        const { fromBlock, toBlock } = filter as { fromBlock: string; toBlock: string };
        const [from, to] = [Number(fromBlock), Number(toBlock)];
        const blocks = Array.from({ length: to - from + 1 }, (_, index) => from + index);
        return blocks.flatMap((block) => [logAt(block, 0), logAt(block, 1)]);
      },
    },
    faultOf: ([call]) => {
      if (call === undefined) return undefined;
      const { fromBlock, toBlock } = call.params[0] as { fromBlock: string; toBlock: string };
      const from = BigInt(fromBlock);
      if (BigInt(toBlock) - from < 10n) return undefined;
      const { status } = dialect;
      const error = dialect.refuse({ from, fits: from + 9n, maxBlocks: 10n });
      return error === undefined ? { kind: "status", status } : { kind: "error", status, error };
    },
  });
}

describe("a range that is too large", () => {
  it.each(rangeDialects.map((dialect) => [dialect.name, dialect] as const))(
    "is cut, in the words of %s",
    async (_name, dialect) => {
      const server = await serveLimited(dialect);
      const events: RpcEvent[] = [];
      const client = await connect(server, (event) => events.push(event));
      const question = { client, address: MARKET, topics: [TOPIC] };
      const logs = await getLogs({ ...question, fromBlock: 100n, toBlock: 199n });
      expect(logs.map((log) => Number(log.blockNumber) * 2 + log.logIndex)).toEqual(
        Array.from({ length: 200 }, (_, index) => 200 + index),
      );
      expect(events[0]?.code).toBe("rpc.range-limited");

      // What was learned stays: the second time asks little more than the fewest that are possible.
      const before = server.requests.length;
      await getLogs({ ...question, fromBlock: 200n, toBlock: 299n });
      expect(server.requests.length - before).toBeLessThanOrEqual(22);
    },
  );

  it("is read to the end of the answer that makes it enough", async () => {
    const server = await serveLimited(rangeDialects[0] ?? expect.fail("no dialect"));
    const question = {
      client: await connect(server),
      address: MARKET,
      topics: [TOPIC],
      fromBlock: 100n,
      toBlock: 199n,
    };
    // Learned before: ten blocks of two logs at once, or some more.
    await getLogs(question);
    const { logs, toBlock } = await getLogsUpTo(question, 25);
    expect(logs.length).toBeGreaterThanOrEqual(25);
    expect(logs.length).toBeLessThan(25 + 20);
    expect(logs).toHaveLength(2 * (Number(toBlock) - 99));
    expect(await getLogsUpTo({ ...question, toBlock: 104n }, 25)).toMatchObject({
      toBlock: 104n,
      logs: { length: 10 },
    });
  });

  it("is chosen by the bytes of the last answer, and grows fourfold at most", async () => {
    const perBlock = (block: number): number => (block < 20 ? 4 : 1);
    const server = await startFaultServer({
      methods: {
        eth_getLogs: ([filter]) => {
          const { fromBlock, toBlock } = filter as { fromBlock: string; toBlock: string };
          const blocks = Array.from(
            { length: Number(toBlock) - Number(fromBlock) + 1 },
            (_, i) => Number(fromBlock) + i,
          );
          return blocks.flatMap((block) => Array.from({ length: perBlock(block) }, (_, index) => logAt(block, index)));
        },
      },
    });
    const bytesOfLog = JSON.stringify(logAt(1, 1)).length;
    const client = createRpcClient({ urls: [server.url], aimLogBytes: 20 * bytesOfLog });
    cleanups.push(
      async () => server.close(),
      async () => client.close(),
    );
    const question = { client, address: MARKET, topics: [TOPIC] };
    await getLogs({ ...question, fromBlock: 0n, toBlock: 0n });
    expect(await getLogs({ ...question, fromBlock: 1n, toBlock: 99n })).toHaveLength(19 * 4 + 80);
    const sizes = server.requests.flat().map((call) => {
      const { fromBlock, toBlock } = call.params[0] as { fromBlock: string; toBlock: string };
      return Number(toBlock) - Number(fromBlock) + 1;
    });
    // Of four logs a block, then of one.
    expect(sizes.slice(0, 4)).toEqual([1, 4, 4, 4]);
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(15);
    expect(sizes.every((size, index) => index === 0 || size <= 4 * (sizes[index - 1] ?? 0))).toBe(true);
  });

  it("is cut at once where the endpoint says what works", async () => {
    for (const name of ["infura", "infura by blocks", "alchemy", "reth", "quicknode", "tenderly", "bsc"]) {
      const dialect = rangeDialects.find((each) => each.name === name);
      const server = await serveLimited(dialect ?? expect.fail(name));
      const client = await connect(server);
      await getLogs({
        client,
        address: MARKET,
        topics: [TOPIC],
        fromBlock: 0n,
        toBlock: 99n,
      });
      const [first, second] = server.requests.map(
        (calls) => calls[0]?.params[0] as { fromBlock: string; toBlock: string },
      );
      expect([first?.toBlock, second?.toBlock]).toEqual([quantity(99), quantity(9)]);
    }
  });

  it("grows again where there are few logs", async () => {
    const server = await startFaultServer({
      methods: {
        eth_getLogs: ([filter]) => {
          const { fromBlock, toBlock } = filter as { fromBlock: string; toBlock: string };
          if (Number(fromBlock) < 100 && Number(toBlock) - Number(fromBlock) >= 10) {
            throw new MethodError({ code: -32005, message: "query returned more than 10000 results" });
          }
          return [];
        },
      },
    });
    const client = await connect(server);
    await getLogs({ client, address: MARKET, topics: [TOPIC], fromBlock: 0n, toBlock: 1_999n });
    const last = server.requests.at(-2)?.[0]?.params[0] as { fromBlock: string; toBlock: string };
    expect(Number(last.toBlock) - Number(last.fromBlock)).toBeGreaterThan(50);
  });

  it("of one block is an error that says so", async () => {
    const server = await startFaultServer({ methods: { eth_getLogs: () => [] } });
    server.failAlways({ kind: "error", error: { code: -32005, message: "query returned more than 10000 results" } });
    const client = await connect(server);
    const call = getLogs({ client, address: MARKET, topics: [], fromBlock: 7n, toBlock: 300n });
    await expect(call).rejects.toThrow(RpcBlockTooLarge);
    await expect(call).rejects.toThrow(/block 7,/);
    // 300 blocks halved down to one.
    expect(server.requests).toHaveLength(9);
  });

  it("is not what an invalid range is", async () => {
    const server = await startFaultServer({ methods: { eth_getLogs: () => [] } });
    server.failAlways({
      kind: "error",
      error: { code: -32000, message: "invalid block range params" },
    });
    const client = await connect(server);
    const call = getLogs({ client, address: MARKET, topics: [], fromBlock: 7n, toBlock: 300n });
    await expect(call).rejects.toMatchObject({ code: "rpc.refused" });
    // Asked again, since it may pass, and for no smaller range.
    const ranges = server.requests.flat().map(({ params }) => JSON.stringify(params));
    expect(ranges.length).toBeGreaterThan(1);
    expect(new Set(ranges).size).toBe(1);
  });
});

describe("the answer", () => {
  const ask = async (logs: unknown): Promise<unknown> => {
    const server = await startFaultServer({ methods: { eth_getLogs: () => logs } });
    const client = await connect(server);
    return getLogs({
      client,
      address: MARKET.toUpperCase().replace("0X", "0x"),
      topics: [[TOPIC]],
      fromBlock: 5n,
      toBlock: 9n,
    });
  };

  it("is put in order", async () => {
    expect(await ask([logAt(9, 0), logAt(5, 10), logAt(5, 9)])).toMatchObject([
      { blockNumber: 5n, logIndex: 9 },
      { blockNumber: 5n, logIndex: 10 },
      { blockNumber: 9n, logIndex: 0 },
    ]);
  });

  it("has hashes and addresses in lower case", async () => {
    const upper = { address: `0x${"AB".repeat(20)}`, transactionHash: `0x${"AB".repeat(32)}` };
    expect(await ask([logAt(5, 0, upper)])).toMatchObject([
      { address: MARKET, transactionHash: `0x${"ab".repeat(32)}` },
    ]);
  });

  it.each<[string, unknown]>([
    ["not a list", { logs: [] }],
    ["null", null],
    ["a log of another contract", [logAt(5, 0, { address: OTHER })]],
    ["a log with another topic", [logAt(5, 0, { topics: [hash(1)] })]],
    ["a log without topics", [logAt(5, 0, { topics: [] })]],
    ["a log with five topics", [logAt(5, 0, { topics: [TOPIC, TOPIC, TOPIC, TOPIC, TOPIC] })]],
    ["a log before the range", [logAt(4, 0)]],
    ["a log after the range", [logAt(10, 0)]],
    ["a removed log", [logAt(5, 0, { removed: true })]],
    ["one log twice", [logAt(5, 0), logAt(5, 0)]],
    ["two hashes of one block", [logAt(5, 0), logAt(5, 1, { blockHash: hash(1) })]],
    ["logs against the order of transactions", [logAt(5, 0, { transactionIndex: "0x1" }), logAt(5, 1)]],
    ["a pending log", [logAt(5, 0, { blockNumber: null })]],
    ["half a byte of data", [logAt(5, 0, { data: "0x1" })]],
    ["a number instead of a quantity", [logAt(5, 0, { logIndex: 1 })]],
    ["a short hash", [logAt(5, 0, { transactionHash: "0x12" })]],
  ])("is refused, after asking again: %s", async (_what, logs) => {
    await expect(ask(logs)).rejects.toThrow(RpcBadAnswer);
  });
});
