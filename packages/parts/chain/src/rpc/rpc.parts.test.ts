// The typed readings against a real node.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { waitUntil } from "@tidegate/kernel";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkChain } from "./check-chain.ts";
import { WrongChainId } from "./errors/wrong-chain-id.ts";
import { getBlockNumber } from "./get-block-number.ts";
import { getBlockReceipts } from "./get-block-receipts.ts";
import { getBlocksByNumber } from "./get-blocks-by-number.ts";
import { getChainId } from "./get-chain-id.ts";
import { getCode } from "./get-code.ts";
import { getLogs } from "./get-logs.ts";
import { getTransactionsByHash } from "./get-transactions-by-hash.ts";
import { parseHash, type Hex } from "./parse.ts";
import { createRpcClient, type RpcClient } from "./rpc-client.ts";

const SENDER = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
/** Where the first contract of SENDER lies on every fresh chain. */
const CONTRACT = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
const TOPIC = `0x${"5a".repeat(32)}`;
/** PUSH32 topic, PUSH1 4, PUSH1 0, LOG1, STOP: each call logs four zero bytes. */
const RUNTIME = `7f${TOPIC.slice(2)}60046000a100`;
const BLOCKS = 25;

let anvil: ChildProcess;
let url: string;
let client: RpcClient;

beforeAll(async () => {
  const binary = new URL("bin/anvil", import.meta.resolve("@foundry-rs/anvil-linux-amd64/package.json"));
  anvil = spawn(fileURLToPath(binary), ["--port", "0", "--host", "127.0.0.1"], { stdio: ["ignore", "pipe", "ignore"] });
  url = `http://${await addressOf(anvil)}`;
  client = createRpcClient({ urls: [url], maxBatch: 10 });
  await send({
    data: `0x60${(RUNTIME.length / 2).toString(16)}600c60003960${(RUNTIME.length / 2).toString(16)}6000f3${RUNTIME}`,
  });
  for (let block = 1; block < BLOCKS; block++) await send({ to: CONTRACT });
  // anvil answers before it has mined.
  await waitUntil(async () => (await getBlockNumber({ client })) === BigInt(BLOCKS) || undefined, {
    what: `Block ${BLOCKS}`,
    limitMs: 30_000,
    everyMs: 20,
    remedy: "Look at what anvil says.",
  });
});

afterAll(async () => {
  await client?.close();
  if (anvil.exitCode !== null || anvil.signalCode !== null) return;
  anvil.kill("SIGKILL");
  await once(anvil, "exit");
});

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("anvil has no output");
  for await (const line of createInterface({ input: stdout })) {
    const [, address] = /^Listening on (\S+)/.exec(line) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error("anvil ended before it listened");
}

async function send(transaction: Record<string, string>): Promise<Hex> {
  const parse = (result: unknown): Hex => parseHash(result, "the transaction's hash");
  return client.call("eth_sendTransaction", [{ from: SENDER, gas: "0xfffff", ...transaction }], { parse });
}

describe("a real node", () => {
  const numbers = Array.from({ length: BLOCKS + 1 }, (_, index) => BigInt(index));

  it("has a head, a chain id and the contract's code", async () => {
    expect(await getBlockNumber({ client })).toBe(BigInt(BLOCKS));
    expect(await getChainId({ client })).toBe(31_337n);
    expect(await getCode({ client, address: CONTRACT })).toBe(`0x${RUNTIME}`);
    expect(await getCode({ client, address: `0x${"77".repeat(20)}` })).toBe("0x");
    await expect(checkChain({ client, chainId: 1n })).rejects.toThrow(WrongChainId);
  });

  it("gives headers that follow each other, and null beyond the head", async () => {
    const blocks = await getBlocksByNumber({ client, numbers: [...numbers, 1_000n] });
    expect(blocks.pop()).toBeNull();
    for (const [index, block] of blocks.entries()) {
      expect(block?.number).toBe(BigInt(index));
      if (index > 0) expect(block?.parentHash).toBe(blocks[index - 1]?.hash);
      expect(block?.logsBloom).toMatch(/^0x[0-9a-f]{512}$/);
    }
  });

  it("gives the logs, whose blocks, transactions and receipts agree with each other", async () => {
    const logs = await getLogs({ client, address: CONTRACT, topics: [TOPIC], fromBlock: 0n, toBlock: BigInt(BLOCKS) });
    expect(logs.map((log) => log.blockNumber)).toEqual(numbers.slice(2));
    expect(logs[0]).toMatchObject({ address: CONTRACT, topics: [TOPIC], data: Buffer.alloc(4), logIndex: 0 });

    const hashes = logs.map((log) => log.transactionHash);
    const transactions = await getTransactionsByHash({ client, hashes: [...hashes, `0x${"00".repeat(32)}`] });
    const receipts = await getBlockReceipts({ client, numbers: [...numbers.slice(2), 1_000n] });
    const blocks = await getBlocksByNumber({ client, numbers: numbers.slice(2) });
    expect([transactions.pop(), receipts.pop()]).toEqual([null, null]);
    for (const [index, log] of logs.entries()) {
      const { blockHash, blockNumber, transactionHash, transactionIndex } = log;
      const place = { blockHash, blockNumber, transactionIndex, from: SENDER };
      expect(blocks[index]).toMatchObject({ hash: blockHash, number: blockNumber });
      expect(transactions[index]).toEqual({ ...place, hash: transactionHash });
      expect(receipts[index]).toMatchObject([{ ...place, transactionHash, succeeded: true }]);
    }
    const nothing = { client, address: SENDER, topics: [], fromBlock: 0n, toBlock: BigInt(BLOCKS) };
    expect(await getLogs(nothing)).toEqual([]);
  });

  it("refuses what it does not know and what reverts, each alone", async () => {
    const [head, unknown, reverted] = await client.batch([
      { method: "eth_blockNumber", params: [] },
      { method: "eth_getTheMoon", params: [] },
      { method: "eth_estimateGas", params: [{ from: SENDER, data: "0x60006000fd" }] },
    ]);
    expect(head?.ok).toBe(true);
    expect(unknown).toMatchObject({ ok: false, error: { code: "rpc.refused", rpcCode: -32601 } });
    expect(reverted).toMatchObject({ ok: false, error: { code: "rpc.refused", retry: "never" } });
  });

  it("that dies is unreachable, soon and with a remedy", async () => {
    anvil.kill("SIGKILL");
    await once(anvil, "exit");
    const dead = createRpcClient({ urls: [url], retry: { attempts: 2, baseMs: 1 } });
    await expect(dead.call("eth_blockNumber", [])).rejects.toMatchObject({ code: "rpc.unreachable", exit: 69 });
    await dead.close();
  });
});
