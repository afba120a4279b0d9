// The typed readings, against answers that are right, absent and wrong. The parts test asks a real node.
import { afterEach, describe, expect, it } from "vitest";
import { createInstantClock } from "../testing/instant-clock.ts";
import { startFaultServer } from "../testing/fault-server.ts";
import { checkChain } from "./check-chain.ts";
import { RpcBadAnswer } from "./errors/rpc-bad-answer.ts";
import { WrongChainId } from "./errors/wrong-chain-id.ts";
import { getBlockReceipts } from "./get-block-receipts.ts";
import { getBlocksByNumber } from "./get-blocks-by-number.ts";
import { getTransactionsByHash } from "./get-transactions-by-hash.ts";
import { createRpcClient, type RpcClient } from "./rpc-client.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function connect(methods: Record<string, (params: readonly unknown[]) => unknown>): Promise<RpcClient> {
  const server = await startFaultServer({ methods });
  const client = createRpcClient({ urls: [server.url], clock: createInstantClock(), retry: { attempts: 2 } });
  cleanups.push(
    async () => server.close(),
    async () => client.close(),
  );
  return client;
}

const hash = (digit: string): string => `0x${digit.repeat(64)}`;
const sender = `0x${"Ab".repeat(20)}`;

describe("getBlocksByNumber", () => {
  const block = {
    number: "0x5",
    hash: hash("a"),
    parentHash: hash("b"),
    timestamp: "0x65",
    baseFeePerGas: "0x7",
    logsBloom: `0x${"00".repeat(256)}`,
  };

  it("reads headers; null for a block that is not there, and for a base fee before London", async () => {
    const { baseFeePerGas: _none, ...old } = block;
    const answers: Record<string, unknown> = { "0x5": block, "0x6": null, "0x7": { ...old, number: "0x7" } };
    const client = await connect({ eth_getBlockByNumber: ([number]) => answers[String(number)] });
    expect(await getBlocksByNumber({ client, numbers: [7n, 6n, 5n] })).toMatchObject([
      { number: 7n, baseFeePerGas: null },
      null,
      { number: 5n, hash: hash("a"), parentHash: hash("b"), timestamp: 101n, baseFeePerGas: 7n },
    ]);
  });

  it("refuses another block than asked for", async () => {
    const client = await connect({ eth_getBlockByNumber: () => block });
    await expect(getBlocksByNumber({ client, numbers: [4n] })).rejects.toThrow(RpcBadAnswer);
  });
});

describe("getTransactionsByHash", () => {
  const transaction = {
    hash: hash("a"),
    from: sender,
    blockNumber: "0x5",
    blockHash: hash("c"),
    transactionIndex: "0x2",
  };

  it("reads place and sender; null for one that is unknown or in no block", async () => {
    const pending = { ...transaction, hash: hash("b"), blockNumber: null, blockHash: null, transactionIndex: null };
    const answers: Record<string, unknown> = { [hash("a")]: transaction, [hash("b")]: pending, [hash("d")]: null };
    const client = await connect({ eth_getTransactionByHash: ([asked]) => answers[String(asked)] });
    expect(await getTransactionsByHash({ client, hashes: [hash("a"), hash("b"), hash("d")] })).toEqual([
      { ...transaction, from: sender.toLowerCase(), blockNumber: 5n, transactionIndex: 2 },
      null,
      null,
    ]);
  });

  it("refuses another transaction than asked for", async () => {
    const client = await connect({ eth_getTransactionByHash: () => transaction });
    await expect(getTransactionsByHash({ client, hashes: [hash("b")] })).rejects.toThrow(RpcBadAnswer);
  });
});

describe("getBlockReceipts", () => {
  const receipt = {
    transactionHash: hash("a"),
    from: sender,
    blockNumber: "0x5",
    blockHash: hash("c"),
    transactionIndex: "0x0",
    status: "0x1",
    logs: [],
    // OP-stack chains add fees of L1, some of them null.
    type: "0x7e",
    l1Fee: "0x0",
    l1FeeScalar: null,
    depositNonce: "0x1",
  };

  it("reads receipts; null for a block that is not there", async () => {
    const answers: Record<string, unknown> = { "0x5": [receipt, { ...receipt, status: "0x0" }], "0x6": null };
    const client = await connect({ eth_getBlockReceipts: ([number]) => answers[String(number)] });
    const [first, missing] = await getBlockReceipts({ client, numbers: [5n, 6n] });
    expect(first?.map(({ succeeded }) => succeeded)).toEqual([true, false]);
    expect(first?.[0]).toMatchObject({ from: sender.toLowerCase(), blockNumber: 5n, transactionIndex: 0 });
    expect(missing).toBeNull();
  });

  it("refuses receipts of another block", async () => {
    const client = await connect({ eth_getBlockReceipts: () => [receipt] });
    await expect(getBlockReceipts({ client, numbers: [4n] })).rejects.toThrow(RpcBadAnswer);
  });
});

it("checkChain refuses another chain with both ids", async () => {
  const client = await connect({ eth_chainId: () => "0x2105" });
  await checkChain({ client, chainId: 8453n });
  const wrong = checkChain({ client, chainId: 1n });
  await expect(wrong).rejects.toThrow(WrongChainId);
  await expect(wrong).rejects.toMatchObject({ message: expect.stringMatching(/8453.* 1\b/), exit: 1, retry: "never" });
});
