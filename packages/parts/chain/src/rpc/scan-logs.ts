// The answer to eth_getLogs, read out of the bytes of the body. A history is mostly its logs' data: JSON.parse makes a text of each, which is
// then made bytes; here digits become bytes at once. Only what nodes usually write is read; all else is left to JSON.parse, and judged there.
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COMMA,
  expectByte,
  findHexEnd,
  LINE_FEED,
  OPEN_LIST,
  OPEN_OBJECT,
  readBare,
  readQuantity,
  readSame,
  readText,
  skipByte,
  skipKey,
  skipToken,
  skipValue,
  token,
  UNUSUAL,
  type Cursor,
  type LastText,
} from "./json-bytes.ts";
import type { Hex } from "./parse.ts";
import type { RpcLog } from "./parse-logs.ts";

const HASH_DIGITS = 64;
const ADDRESS_DIGITS = 40;
/** Numbers of so many digits are exact; no block and no index has more. */
const EXACT_DIGITS = 13;
/** Seven digits are fewer than the 31 bits that `parseIndex` allows; the eighth is JSON.parse's to read. */
const INDEX_DIGITS = 7;
const MOST_TOPICS = 4;

const ANSWER = { jsonrpc: token('"jsonrpc":'), id: token('"id":'), result: token('"result":') };

const LOG_KEYS = {
  address: token('"address":'),
  topics: token('"topics":'),
  data: token('"data":'),
  blockNumber: token('"blockNumber":'),
  blockHash: token('"blockHash":'),
  transactionHash: token('"transactionHash":'),
  transactionIndex: token('"transactionIndex":'),
  logIndex: token('"logIndex":'),
  removed: token('"removed":'),
};
type LogKey = keyof typeof LOG_KEYS;
const KEYS = Object.entries(LOG_KEYS) as readonly (readonly [LogKey, Buffer])[];
/** All but the last, which old nodes leave out. */
const NEEDED = (1 << (KEYS.length - 1)) - 1;

/** Logs, and the list as an endpoint wrote it. */
export interface WrittenLogs {
  readonly logs: RpcLog[];
  readonly raw: Buffer;
}

/** The logs, in the order of the answer; undefined where JSON.parse is to read the answer: errors, and mistakes of every kind. */
export function scanLogs(body: Buffer, id: number): WrittenLogs | undefined {
  const scan = createScan(body);
  return unlessUnusual(() => scanAnswer(scan, id, () => scanList(scan)));
}

/** Whether the answer's result is, byte for byte, what another answer's was: it then says the same, and need not be read. */
export function hasSameResult(body: Buffer, id: number, raw: Buffer): boolean {
  const cursor = { body, at: 0 };
  const skipRaw = (): RpcLog[] => {
    const end = cursor.at + raw.length;
    if (end > body.length || body.compare(raw, 0, raw.length, cursor.at, end) !== 0) throw UNUSUAL;
    cursor.at = end;
    return [];
  };
  return unlessUnusual(() => scanAnswer(cursor, id, skipRaw)) !== undefined;
}

function unlessUnusual<T>(scan: () => T): T | undefined {
  try {
    return scan();
  } catch (error) {
    if (error === UNUSUAL) return undefined;
    throw error;
  }
}

interface Scan extends Cursor {
  /** The data of all logs, one after the other: two digits are a byte. */
  readonly bytes: Buffer;
  filled: number;
  /** Of the log before: those of one transaction stand together, and share their texts. */
  readonly blockHash: LastText;
  readonly transactionHash: LastText;
  readonly address: LastText;
  lastBlock: bigint;
  /** Nodes write the keys of all logs in one order. */
  readonly order: number[];
}

function createScan(body: Buffer): Scan {
  const nothing = (): LastText => ({ at: -1, text: "0x" });
  return {
    body,
    at: 0,
    bytes: Buffer.allocUnsafeSlow(body.length >> 1),
    filled: 0,
    blockHash: nothing(),
    transactionHash: nothing(),
    address: nothing(),
    lastBlock: -1n,
    order: KEYS.map((_, index) => index),
  };
}

function scanAnswer(scan: Cursor, id: number, readResult: () => RpcLog[]): WrittenLogs {
  let found: WrittenLogs | undefined;
  let isIdRight = false;
  expectByte(scan, OPEN_OBJECT);
  do {
    if (found === undefined && skipToken(scan, ANSWER.result)) {
      const from = scan.at;
      const logs = readResult();
      found = { logs, raw: scan.body.subarray(from, scan.at) };
    } else if (!isIdRight && skipToken(scan, ANSWER.id)) isIdRight = readBare(scan) === String(id);
    else if (skipToken(scan, ANSWER.jsonrpc)) skipValue(scan);
    else throw UNUSUAL;
  } while (skipByte(scan, COMMA));
  expectByte(scan, CLOSE_OBJECT);
  skipByte(scan, LINE_FEED);
  if (found === undefined || !isIdRight || scan.at !== scan.body.length) throw UNUSUAL;
  return found;
}

function scanList(scan: Scan): RpcLog[] {
  const logs: RpcLog[] = [];
  expectByte(scan, OPEN_LIST);
  if (skipByte(scan, CLOSE_LIST)) return logs;
  do logs.push(scanLog(scan));
  while (skipByte(scan, COMMA));
  expectByte(scan, CLOSE_LIST);
  return logs;
}

function scanLog(scan: Scan): RpcLog {
  const log: { -readonly [K in keyof RpcLog]: RpcLog[K] } = {
    address: "0x",
    topics: [],
    data: scan.bytes,
    blockNumber: 0n,
    blockHash: "0x",
    transactionHash: "0x",
    transactionIndex: 0,
    logIndex: 0,
  };
  let seen = 0;
  let position = 0;
  expectByte(scan, OPEN_OBJECT);
  do {
    const key = findKey(scan, position);
    if (key < 0) {
      skipKey(scan);
      skipValue(scan);
      continue;
    }
    position++;
    if ((seen & (1 << key)) !== 0) throw UNUSUAL;
    seen |= 1 << key;
    readMember(scan, log, KEYS[key]?.[0]);
  } while (skipByte(scan, COMMA));
  expectByte(scan, CLOSE_OBJECT);
  if ((seen & NEEDED) !== NEEDED) throw UNUSUAL;
  return log;
}

function readMember(scan: Scan, log: { -readonly [K in keyof RpcLog]: RpcLog[K] }, key: LogKey | undefined): void {
  switch (key) {
    case "data":
      log.data = readData(scan);
      return;
    case "topics":
      log.topics = readTopics(scan);
      return;
    case "address":
      log.address = readSame(scan, scan.address, ADDRESS_DIGITS);
      return;
    case "blockHash":
      log.blockHash = readSame(scan, scan.blockHash, HASH_DIGITS);
      return;
    case "transactionHash":
      log.transactionHash = readSame(scan, scan.transactionHash, HASH_DIGITS);
      return;
    case "blockNumber": {
      const number = readQuantity(scan, EXACT_DIGITS);
      if (scan.lastBlock !== BigInt(number)) scan.lastBlock = BigInt(number);
      log.blockNumber = scan.lastBlock;
      return;
    }
    case "transactionIndex":
      log.transactionIndex = readQuantity(scan, INDEX_DIGITS);
      return;
    case "logIndex":
      log.logIndex = readQuantity(scan, INDEX_DIGITS);
      return;
    case "removed":
    case undefined:
      // "removed": true is JSON.parse's to refuse.
      if (readBare(scan) !== "false") throw UNUSUAL;
  }
}

/** The number of the key that stands here, and skips it; -1 for one that is not known. The guess is where it stood in the log before. */
function findKey(scan: Scan, position: number): number {
  const guess = scan.order[position] ?? 0;
  const guessed = KEYS[guess];
  if (guessed !== undefined && skipToken(scan, guessed[1])) return guess;
  for (const [index, [, written]] of KEYS.entries()) {
    if (!skipToken(scan, written)) continue;
    scan.order[position] = index;
    return index;
  }
  return -1;
}

function readTopics(scan: Scan): Hex[] {
  const topics: Hex[] = [];
  expectByte(scan, OPEN_LIST);
  if (skipByte(scan, CLOSE_LIST)) return topics;
  do topics.push(readText(scan, HASH_DIGITS));
  while (skipByte(scan, COMMA));
  expectByte(scan, CLOSE_LIST);
  if (topics.length > MOST_TOPICS) throw UNUSUAL;
  return topics;
}

function readData(scan: Scan): Buffer {
  const { body, at, bytes, filled } = scan;
  const end = findHexEnd(scan);
  const length = (end - at - 3) / 2;
  // Node stops at the first character that is no digit.
  if (length > 0 && bytes.write(body.toString("latin1", at + 3, end), filled, "hex") !== length) throw UNUSUAL;
  scan.at = end + 1;
  scan.filled = filled + length;
  return bytes.subarray(filled, filled + length);
}
