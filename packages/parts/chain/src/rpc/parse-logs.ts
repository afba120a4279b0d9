// The answer to eth_getLogs, checked against the question: a log that was not asked for, or that comes twice, is refused.
import { hexToBuffer } from "../abi/hex.ts";
import {
  parseAddress,
  parseData,
  parseHash,
  parseIndex,
  parseList,
  parseObject,
  parseNumber,
  type Hex,
} from "./parse.ts";

export interface RpcLog {
  readonly address: Hex;
  /** At most four. */
  readonly topics: readonly Hex[];
  readonly data: Buffer;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly transactionIndex: number;
  readonly logIndex: number;
}

export interface LogQuestion {
  /** Contracts; lower case. */
  readonly addresses: readonly string[];
  /** By position; null allows any; lower case. */
  readonly topics: readonly (readonly string[] | null)[];
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
}

/** The logs by block and log index; throws TypeError on an answer that does not fit the question or contradicts itself. */
export function parseLogs(result: unknown, question: LogQuestion): RpcLog[] {
  return checkLogs(
    parseList(result, "the logs").map((item) => parseLog(item)),
    question,
  );
}

/** The same of logs that were read already; sorts them where they are. */
export function checkLogs(logs: RpcLog[], question: LogQuestion): RpcLog[] {
  for (const log of logs) checkAsked(log, question);
  logs.sort(byPlace);
  for (const [index, log] of logs.entries()) {
    const before = logs[index - 1];
    if (before?.blockNumber === log.blockNumber) checkNeighbours(before, log);
  }
  return logs;
}

/** One log, whoever asked for it; throws TypeError. */
export function parseLog(item: unknown): RpcLog {
  const log = parseObject(item, "the log");
  // True for a log of a block that a reorganisation removed.
  if (log["removed"] === true) throw new TypeError("a removed log came");
  const topics = parseList(log["topics"], "the log's topics").map((topic) => parseHash(topic, "the log's topic"));
  if (topics.length > 4) throw new TypeError(`a log has ${topics.length} topics`);
  return {
    address: parseAddress(log["address"], "the log's address"),
    topics,
    data: hexToBuffer(parseData(log["data"], "the log's data"), "the log's data"),
    blockNumber: parseNumber(log["blockNumber"], "the log's blockNumber"),
    blockHash: parseHash(log["blockHash"], "the log's blockHash"),
    transactionHash: parseHash(log["transactionHash"], "the log's transactionHash"),
    transactionIndex: parseIndex(log["transactionIndex"], "the log's transactionIndex"),
    logIndex: parseIndex(log["logIndex"], "the log's logIndex"),
  };
}

function checkAsked(log: RpcLog, question: LogQuestion): void {
  const { blockNumber } = log;
  if (blockNumber < question.fromBlock || blockNumber > question.toBlock) {
    throw new TypeError(`a log of block ${blockNumber} came for ${question.fromBlock} to ${question.toBlock}`);
  }
  if (question.addresses.length > 0 && !question.addresses.includes(log.address)) {
    throw new TypeError(`a log of contract ${log.address} came, which was not asked for`);
  }
  for (const [position, allowed] of question.topics.entries()) {
    const topic = log.topics[position];
    if (topic === undefined) throw new TypeError(`a log without topic ${position} came, which was asked for`);
    if (allowed !== null && !allowed.includes(topic)) {
      throw new TypeError(`a log with topic ${topic} at ${position} came, which was not asked for`);
    }
  }
}

function byPlace(left: RpcLog, right: RpcLog): number {
  if (left.blockNumber === right.blockNumber) return left.logIndex - right.logIndex;
  return left.blockNumber < right.blockNumber ? -1 : 1;
}

/** Two logs of one block, in order. */
function checkNeighbours(before: RpcLog, log: RpcLog): void {
  if (before.logIndex === log.logIndex) {
    throw new TypeError(`two logs came for index ${log.logIndex} of block ${log.blockNumber}`);
  }
  if (before.blockHash !== log.blockHash) throw new TypeError(`two hashes came for block ${log.blockNumber}`);
  if (before.transactionIndex > log.transactionIndex) {
    throw new TypeError(`the logs of block ${log.blockNumber} are not in the order of its transactions`);
  }
}
