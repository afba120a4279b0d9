// A kept chain in memory, and the pieces of answers that lie in it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LOG_FIELDS, type ChainIndex, type StoredBlock } from "../mine/chain-files.ts";
import type { ChainFacts } from "../mine/mine-chain.ts";

export interface OpenChain {
  readonly facts: ChainFacts;
  readonly genesis: number;
  block(number: number): StoredBlock | undefined;
  blockNumber(hash: string): number | undefined;
  header(block: StoredBlock, isFull: boolean): Buffer[];
  transaction(hash: string): { readonly block: number; readonly json: Buffer } | undefined;
  receipts(block: StoredBlock): Buffer[];
  /** Kinds (positions in EVENT_NAMES) are a filter; undefined stands for all logs. */
  logs(from: StoredBlock, to: StoredBlock, kinds: ReadonlySet<number> | undefined): Buffer[];
  countLogs(block: StoredBlock, kinds: ReadonlySet<number> | undefined): number;
}

const OPEN_LOGS = Buffer.from(',"logs":[');
const CLOSE_RECEIPT = Buffer.from("]}");
const OPEN_TRANSACTIONS = Buffer.from(',"transactions":[');
const COMMA = Buffer.from(",");

export function openChain(folder: string): OpenChain {
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  const facts = JSON.parse(read("facts.json").toString()) as ChainFacts;
  const index = JSON.parse(read("index.json").toString()) as ChainIndex;
  const files = {
    logs: read("logs.bin"),
    blocks: read("blocks.bin"),
    sent: read("transactions.bin"),
    receipts: read("receipts.bin"),
  };
  const idx = read("logs.idx");
  const at = new Float64Array(idx.buffer.slice(idx.byteOffset, idx.byteOffset + idx.length));
  const { genesis } = facts.shape;
  const byHash = new Map(index.blocks.map(({ hash, number }) => [hash, number]));
  const transactions = new Map(index.transactions.map((one) => [one.hash, one]));
  const piece = (file: Buffer, [offset, bytes]: readonly [number, number]): Buffer =>
    file.subarray(offset, offset + bytes);
  const field = (log: number, which: number): number => at[log * LOG_FIELDS + which] ?? 0;

  /** Runs of chosen logs, without the comma after the last. */
  const logStretches = (first: number, end: number, isChosen: (log: number) => boolean): Buffer[] => {
    const stretches: Array<[number, number]> = [];
    for (let log = first; log < end; log++) {
      if (!isChosen(log)) continue;
      const [start, stop] = [field(log, 0), field(log, 0) + field(log, 1)];
      const last = stretches.at(-1);
      if (last !== undefined && last[1] === start) last[1] = stop;
      else stretches.push([start, stop]);
    }
    return stretches.map(([start, stop], index) =>
      files.logs.subarray(start, index === stretches.length - 1 ? stop - 1 : stop),
    );
  };

  return {
    facts,
    genesis,
    block: (number) => index.blocks[number - genesis],
    blockNumber: (hash) => byHash.get(hash),
    header: (block, isFull) =>
      isFull
        ? [piece(files.blocks, block.bare), OPEN_TRANSACTIONS, piece(files.sent, block.transactions), CLOSE_RECEIPT]
        : [piece(files.blocks, block.brief)],
    transaction: (hash) => {
      const found = transactions.get(hash);
      return found === undefined ? undefined : { block: found.block + genesis, json: piece(files.sent, found.json) };
    },
    receipts: (block) =>
      index.transactions
        .slice(block.first, block.first + block.count)
        .flatMap((transaction, position) => [
          ...(position === 0 ? [] : [COMMA]),
          piece(files.receipts, transaction.receipt),
          OPEN_LOGS,
          ...logStretches(block.logs[0], block.logs[1], (log) => field(log, 3) === position),
          CLOSE_RECEIPT,
        ]),
    logs: (from, to, kinds) => {
      const [first, end] = [from.logs[0], to.logs[1]];
      if (first === end) return [];
      if (kinds !== undefined) return logStretches(first, end, (log) => kinds.has(field(log, 2)));
      return [files.logs.subarray(field(first, 0), field(end - 1, 0) + field(end - 1, 1) - 1)];
    },
    countLogs: (block, kinds) => {
      if (kinds === undefined) return block.logs[1] - block.logs[0];
      let count = 0;
      for (let log = block.logs[0]; log < block.logs[1]; log++) if (kinds.has(field(log, 2))) count++;
      return count;
    },
  };
}
