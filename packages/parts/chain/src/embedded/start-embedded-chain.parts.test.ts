// A chain that is killed in every way comes back with the same blocks.
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@tidegate/kernel";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRpcClient, type RpcClient } from "../rpc/rpc-client.ts";
import { findAnvils } from "./anvil-process.ts";
import type { ChainEvent } from "./chain-event.ts";
import { startEmbeddedChain, type EmbeddedChain, type EmbeddedChainOptions } from "./start-embedded-chain.ts";

const SENDER = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

let dataDir: string;
const chains: EmbeddedChain[] = [];
const clients: RpcClient[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "tidegate-chain-"));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  for (const chain of chains.splice(0)) await chain.stop();
  expect(findAnvils(dataDir), "an anvil was left behind").toEqual([]);
  rmSync(dataDir, { recursive: true, force: true });
});

interface Started {
  readonly chain: EmbeddedChain;
  readonly rpc: RpcClient;
  readonly events: ChainEvent[];
}

async function start(options: Partial<EmbeddedChainOptions> = {}): Promise<Started> {
  const events: ChainEvent[] = [];
  const chain = await startEmbeddedChain({
    dataDir,
    port: 0,
    blockTimeMs: "manual",
    onEvent: (event) => events.push(event),
    ...options,
  });
  chains.push(chain);
  const rpc = createRpcClient({ urls: [chain.url], restMs: 0 });
  clients.push(rpc);
  return { chain, rpc, events };
}

async function stop(chain: EmbeddedChain): Promise<void> {
  chains.splice(chains.indexOf(chain), 1);
  await chain.stop();
}

const seed = Math.floor(Math.random() * 2 ** 32);
const random = seededRandom(seed);

/** Some transactions with random data, then a block. */
async function mineSome({ chain, rpc }: Started, blocks: number): Promise<void> {
  const nonce = await rpc.call("eth_getTransactionCount", [SENDER, "pending"], { parse: Number });
  let next = nonce;
  for (let block = 0; block < blocks; block++) {
    for (let count = random.integer(0, 3); count > 0; count--) await send(rpc, next++);
    await chain.mine(1, { timestamp: chain.head().timestamp + random.integer(1, 30) });
  }
}

async function send(rpc: RpcClient, nonce: number): Promise<unknown> {
  const fees = { maxFeePerGas: "0x0", maxPriorityFeePerGas: "0x0", gas: "0x30d40" };
  const data = `0x${random.bytes(20).toString("hex")}`;
  return rpc.call("eth_sendTransaction", [
    { from: SENDER, to: SENDER, nonce: `0x${nonce.toString(16)}`, data, ...fees },
  ]);
}

async function hashes(rpc: RpcClient): Promise<string[]> {
  const head = await rpc.call("eth_blockNumber", [], { parse: Number });
  const numbers = Array.from({ length: head + 1 }, (_, number) => number);
  const blocks = await rpc.batch(
    numbers.map((number) => ({ method: "eth_getBlockByNumber", params: [BigInt(number), false] })),
  );
  return blocks.map((outcome) => {
    if (!outcome.ok) throw outcome.error;
    return (outcome.value as { hash: string }).hash;
  });
}

test(`after a clean stop the same blocks are mined again (seed ${seed})`, async () => {
  const first = await start();
  await mineSome(first, 30);
  const before = await hashes(first.rpc);
  expect(before).toHaveLength(31);
  expect(new Set(before).size).toBe(31);
  await stop(first.chain);
  const second = await start();
  expect(await hashes(second.rpc)).toEqual(before);
  expect(second.chain.head()).toMatchObject({ number: 30, hash: before[30] });
  expect(second.events).toMatchObject([{ code: "chain.replayed", number: 30, fromSnapshot: 0 }]);
  await mineSome(second, 1);
});

test(`anvil killed: the chain comes back under the same address, and goes on (seed ${seed})`, async () => {
  const started = await start();
  await mineSome(started, 20);
  const before = await hashes(started.rpc);
  process.kill(started.chain.pid(), "SIGKILL");
  await mineSome(started, 5);
  const after = await hashes(started.rpc);
  expect(after.slice(0, 21)).toEqual(before);
  expect(after).toHaveLength(26);
  expect(started.events.map((event) => event.code)).toContain("chain.anvil-died");
});

test(`a start from a snapshot mines only the rest, and logs and receipts are still there (seed ${seed})`, async () => {
  const first = await start({ snapshotEveryBlocks: 10 });
  await mineSome(first, 25);
  const before = await hashes(first.rpc);
  const receipts = await first.rpc.call("eth_getBlockReceipts", ["0x7"]);
  await stop(first.chain);
  const second = await start({ snapshotEveryBlocks: 10 });
  expect(second.events).toMatchObject([{ code: "chain.replayed", number: 25, fromSnapshot: 20 }]);
  expect(await hashes(second.rpc)).toEqual(before);
  expect(await second.rpc.call("eth_getBlockReceipts", ["0x7"])).toEqual(receipts);
  await mineSome(second, 15);
  expect((await hashes(second.rpc)).slice(0, 26)).toEqual(before);
});

test(`a snapshot that lies is found out, and the whole journal is used (seed ${seed})`, async () => {
  const first = await start({ snapshotEveryBlocks: 10 });
  await mineSome(first, 15);
  const before = await hashes(first.rpc);
  await stop(first.chain);
  const [file = ""] = readdirSync(join(dataDir, "snapshots"));
  const path = join(dataDir, "snapshots", file);
  const state = JSON.parse(readFileSync(path, "utf8")) as { accounts: Record<string, { balance: string }> };
  const account = state.accounts[SENDER];
  if (account === undefined) throw new Error("the snapshot does not hold the sender");
  account.balance = "0x1234567890";
  writeFileSync(path, JSON.stringify(state));
  const second = await start();
  expect(second.events.map((event) => event.code)).toEqual(["chain.replay-repeated", "chain.replayed"]);
  expect(await hashes(second.rpc)).toEqual(before);
});

test(`a torn journal loses the block that was not mined yet, and nothing else (seed ${seed})`, async () => {
  const first = await start();
  await mineSome(first, 12);
  const before = await hashes(first.rpc);
  await stop(first.chain);
  appendFileSync(join(dataDir, "journal", "0000000001.jsonl"), '{"number":13,"timestamp":17000');
  const second = await start();
  expect(await hashes(second.rpc)).toEqual(before);
});

test(`a journaled block that was not mined is mined at the start (seed ${seed})`, async () => {
  const first = await start();
  await mineSome(first, 5);
  const { hash, timestamp } = first.chain.head();
  await stop(first.chain);
  const line = { number: 6, timestamp: timestamp + 9, parent: hash, transactions: [] };
  appendFileSync(join(dataDir, "journal", "0000000001.jsonl"), `${JSON.stringify(line)}\n`);
  const second = await start();
  expect(second.chain.head()).toMatchObject({ number: 6, timestamp: timestamp + 9 });
});

test(`a journal of another history is refused, with what to do (seed ${seed})`, async () => {
  const first = await start();
  await mineSome(first, 5);
  await stop(first.chain);
  const path = join(dataDir, "journal", "0000000001.jsonl");
  const lines = readFileSync(path, "utf8").split("\n");
  writeFileSync(
    path,
    lines
      .map((line, index) => (index === 2 ? line.replace(/"timestamp":\d+/, '"timestamp":1800000000') : line))
      .join("\n"),
  );
  // The next block lies before it now, or has another hash.
  await expect(start()).rejects.toMatchObject({ code: "chain.replay-diverged" });
  expect(existsSync(join(dataDir, "owner.json"))).toBe(false);
});

test("blocks that a client mines by itself are journaled after the fact", async () => {
  const first = await start();
  await mineSome(first, 2);
  await first.rpc.call("evm_mine", [{ timestamp: first.chain.head().timestamp + 5 }]);
  await first.rpc.call("evm_mine", [{ timestamp: first.chain.head().timestamp + 6 }]);
  await first.chain.mine(2);
  const before = await hashes(first.rpc);
  expect(before.length).toBeGreaterThanOrEqual(6);
  await stop(first.chain);
  const second = await start();
  expect(await hashes(second.rpc)).toEqual(before);
});

test("a chain that a client rewinds is told so, and comes back as it was", async () => {
  const first = await start();
  await mineSome(first, 2);
  const snapshot = await first.rpc.call("evm_snapshot", []);
  await mineSome(first, 3);
  const before = await hashes(first.rpc);
  await first.rpc.call("evm_revert", [snapshot]);
  await expect(first.chain.mine()).rejects.toMatchObject({ code: "chain.rewound" });
  await stop(first.chain);
  const second = await start();
  expect(await hashes(second.rpc)).toEqual(before);
});

test("an empty block each time, at the time of the wall clock", async () => {
  const { chain, rpc } = await start({ blockTimeMs: 50 });
  const reached = async (number: number): Promise<void> => {
    while ((await rpc.call("eth_blockNumber", [], { parse: Number })) < number);
  };
  await reached(1);
  const first = chain.head().timestamp;
  expect(Math.abs(first - Date.now() / 1_000)).toBeLessThan(30);
  await reached(4);
  expect(chain.head().timestamp - first).toBeGreaterThanOrEqual(3);
});

test("a taken port, a folder in use and another chain id are refused, and nothing is left behind", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  await expect(start({ port })).rejects.toMatchObject({ code: "chain.port-taken", exit: 69 });
  holder.close();
  const { chain } = await start();
  await expect(start()).rejects.toMatchObject({ code: "chain.in-use", details: { pid: process.pid } });
  await stop(chain);
  await expect(start({ chainId: 8_453 })).rejects.toMatchObject({ code: "chain.id-differs" });
  await start();
});
