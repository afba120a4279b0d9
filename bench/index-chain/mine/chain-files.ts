// A chain on disk, laid out so that a server can answer from it without assembling JSON: every piece of an answer lies in one stretch.
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { EVENT_TOPICS } from "../market-events.ts";

/** [offset, bytes] in a file. */
type Stretch = readonly [number, number];

export interface StoredBlock {
  readonly number: number;
  readonly hash: string;
  /** In blocks.bin: with the hashes of its transactions; and the same without its `transactions` and the last brace. */
  readonly brief: Stretch;
  readonly bare: Stretch;
  /** In transactions.bin, comma-separated. */
  readonly transactions: Stretch;
  /** Numbers of the first log and of the one after the last. */
  readonly logs: readonly [number, number];
  /** Number of the first transaction, and how many. */
  readonly first: number;
  readonly count: number;
}

interface StoredTransaction {
  readonly hash: string;
  readonly block: number;
  readonly json: Stretch;
  /** In receipts.bin: without its logs and the last brace. */
  readonly receipt: Stretch;
}

export interface ChainIndex {
  readonly blocks: readonly StoredBlock[];
  readonly transactions: readonly StoredTransaction[];
}

/** For each log: offset and bytes (with a comma) in logs.bin, kind, transaction index. */
export const LOG_FIELDS = 4;

export interface RpcBlock {
  readonly number: string;
  readonly hash: string;
  readonly transactions: ReadonlyArray<{ readonly hash: string; blockTimestamp?: string }>;
}

export interface RpcReceipt {
  readonly transactionHash: string;
  readonly logs: ReadonlyArray<{ readonly topics: readonly string[]; blockTimestamp?: string }>;
}

export interface ChainWriter {
  add(block: RpcBlock, receipts: readonly RpcReceipt[]): void;
  /** Closes the files and writes the index. */
  finish(): { readonly logs: number; readonly logBytes: number; readonly byKind: readonly number[] };
}

export function createChainWriter(folder: string): ChainWriter {
  const files = Object.fromEntries(
    (["logs", "blocks", "transactions", "receipts"] as const).map((name) => [
      name,
      createFile(join(folder, `${name}.bin`)),
    ]),
  ) as Record<"logs" | "blocks" | "transactions" | "receipts", ReturnType<typeof createFile>>;
  const blocks: StoredBlock[] = [];
  const transactions: StoredTransaction[] = [];
  const logs: number[] = [];
  const byKind = EVENT_TOPICS.map(() => 0);
  return {
    add: (block, receipts) => {
      const firstLog = logs.length / LOG_FIELDS;
      const first = transactions.length;
      const at = files.transactions.size();
      for (const [index, receipt] of receipts.entries()) {
        const { logs: receiptLogs, ...rest } = receipt;
        for (const log of receiptLogs) {
          // Not every node has it: an indexer must do without.
          delete log.blockTimestamp;
          const kind = EVENT_TOPICS.indexOf(log.topics[0] ?? "");
          if (kind >= 0) byKind[kind] = (byKind[kind] ?? 0) + 1;
          logs.push(...files.logs.write(`${JSON.stringify(log)},`), kind, index);
        }
        const transaction = { ...block.transactions[index] };
        delete transaction.blockTimestamp;
        if (index > 0) files.transactions.write(",");
        const json = files.transactions.write(JSON.stringify(transaction));
        const bare = files.receipts.write(JSON.stringify(rest).slice(0, -1));
        transactions.push({ hash: receipt.transactionHash, block: blocks.length, json, receipt: bare });
      }
      const { transactions: full, ...rest } = block;
      const brief = files.blocks.write(JSON.stringify({ ...rest, transactions: full.map(({ hash }) => hash) }));
      blocks.push({
        number: Number(block.number),
        hash: block.hash,
        brief,
        bare: files.blocks.write(JSON.stringify(rest).slice(0, -1)),
        transactions: [at, files.transactions.size() - at],
        logs: [firstLog, logs.length / LOG_FIELDS],
        first,
        count: receipts.length,
      });
    },
    finish: () => {
      const logBytes = files.logs.size();
      for (const file of Object.values(files)) file.close();
      writeFileSync(join(folder, "logs.idx"), Buffer.from(new Float64Array(logs).buffer));
      writeFileSync(join(folder, "index.json"), JSON.stringify({ blocks, transactions } satisfies ChainIndex));
      return { logs: logs.length / LOG_FIELDS, logBytes, byKind };
    },
  };
}

function createFile(path: string): {
  readonly write: (text: string) => Stretch;
  readonly size: () => number;
  readonly close: () => void;
} {
  const descriptor = openSync(path, "w");
  let size = 0;
  return {
    write: (text) => {
      const bytes = Buffer.from(text, "utf8");
      writeSync(descriptor, bytes);
      size += bytes.length;
      return [size - bytes.length, bytes.length];
    },
    size: () => size,
    close: () => closeSync(descriptor),
  };
}
