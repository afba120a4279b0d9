// Mines a chain of one shape on a real anvil and writes it into a folder.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom, type Random } from "@tidegate/kernel";
import { CHAIN_ID, type ChainShape } from "../chain-shape.ts";
import { EVENT_NAMES, requestDigester, type EmittedEvent } from "../market-events.ts";
import { startAnvil, type AnvilNode } from "./anvil-node.ts";
import { createChainWriter, type ChainWriter, type RpcBlock, type RpcReceipt } from "./chain-files.ts";
import { createLifeCycle } from "./life-cycle.ts";
import { relayData, relayInitCode } from "./relay-contract.ts";

export interface ChainFacts {
  readonly shape: ChainShape;
  readonly chainId: number;
  /** "0x…" in lower case. */
  readonly market: string;
  readonly marketCode: string;
  /** The first block with events, and the last block. */
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly events: number;
  readonly eventBytes: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly transactions: number;
}

const STARTS_AT = 1_700_000_000;
/** A router's batch: so many events from one transaction. */
const EVENTS_PER_TRANSACTION = { min: 1, max: 33 };
const BLOCKS_AT_ONCE = 20;
const TX_GAS = "0x2000000";

export async function mineChain(shape: ChainShape, folder: string): Promise<ChainFacts> {
  const anvil = await startAnvil({ chainId: CHAIN_ID, genesis: shape.genesis, timestamp: STARTS_AT });
  try {
    await anvil.call("anvil_setBlockTimestampInterval", shape.blockTime);
    const accounts = await anvil.call<readonly string[]>("eth_accounts");
    const market = await deploy(anvil, accounts[0] ?? "");
    const digestOf = requestDigester(BigInt(CHAIN_ID), Buffer.from(market.slice(2), "hex"));
    const life = createLifeCycle({ seed: shape.seed, market: Buffer.from(market.slice(2), "hex"), digestOf });
    const random = seededRandom(~shape.seed);
    const writer = createChainWriter(folder);
    const first = shape.genesis + 2;
    const last = first + shape.blocks - 1;
    let dumped = shape.genesis;
    let transactions = 0;
    for (let number = first; number <= last; number++) {
      const now = STARTS_AT + (number - shape.genesis) * shape.blockTime;
      transactions += await mineBlock(anvil, {
        market,
        accounts,
        random,
        events: life.next(now, shape.eventsPerBlock),
      });
      if (number - dumped < BLOCKS_AT_ONCE && number < last) continue;
      await dump(anvil, writer, dumped, number);
      dumped = number + 1;
    }
    const { logs, logBytes, byKind } = writer.finish();
    if (logs !== shape.blocks * shape.eventsPerBlock)
      throw new Error(`the chain holds ${logs} logs, not what was sent`);
    const facts: ChainFacts = {
      shape,
      chainId: CHAIN_ID,
      market,
      marketCode: await anvil.call<string>("eth_getCode", market, "latest"),
      firstBlock: first,
      lastBlock: last,
      events: logs,
      eventBytes: logBytes,
      byKind: Object.fromEntries(EVENT_NAMES.map((name, index) => [name, byKind[index] ?? 0])),
      transactions,
    };
    writeFileSync(join(folder, "facts.json"), JSON.stringify(facts, null, 1));
    return facts;
  } finally {
    await anvil.stop();
  }
}

async function deploy(anvil: AnvilNode, from: string): Promise<string> {
  const hash = await anvil.call("eth_sendTransaction", { from, data: relayInitCode(), gas: "0x100000" });
  await anvil.call("evm_mine");
  const receipt = await anvil.call<{ readonly contractAddress: string }>("eth_getTransactionReceipt", hash);
  return receipt.contractAddress.toLowerCase();
}

/** Returns how many transactions it took. */
async function mineBlock(
  anvil: AnvilNode,
  input: {
    readonly market: string;
    readonly accounts: readonly string[];
    readonly random: Random;
    readonly events: readonly EmittedEvent[];
  },
): Promise<number> {
  const { market, accounts, random, events } = input;
  const { min, max } = EVENTS_PER_TRANSACTION;
  const sources: Array<readonly [string, readonly unknown[]]> = [];
  for (let start = 0; start < events.length;) {
    const part = events.slice(start, start + random.integer(min, max));
    start += part.length;
    sources.push(["anvil_setCode", [sourceAddress(sources.length), relayData(part)]]);
  }
  await anvil.batch(sources);
  // One after the other: anvil takes the calls of a batch at once, and their order would be chance.
  for (const index of sources.keys()) {
    const data = `0x${sourceAddress(index).slice(2).padStart(64, "0")}`;
    await anvil.call("eth_sendTransaction", { from: random.pick(accounts), to: market, gas: TX_GAS, data });
  }
  await anvil.call("evm_mine");
  return sources.length;
}

/** The same few addresses in every block: what they hold is read when the block is mined. */
function sourceAddress(index: number): string {
  return `0x${(0xda7a_0000 + index).toString(16).padStart(40, "0")}`;
}

async function dump(anvil: AnvilNode, writer: ChainWriter, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number++) {
    const tag = `0x${number.toString(16)}`;
    const [block, receipts] = await anvil.batch([
      ["eth_getBlockByNumber", [tag, true]],
      ["eth_getBlockReceipts", [tag]],
    ]);
    writer.add(block as RpcBlock, receipts as readonly RpcReceipt[]);
  }
}
