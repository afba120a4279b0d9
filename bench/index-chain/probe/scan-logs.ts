// The body of an eth_getLogs answer, byte by byte: no string and no object is made of it.
const NIBBLE = new Uint8Array(256);
for (let value = 0; value < 16; value++) NIBBLE[value.toString(16).charCodeAt(0)] = value;

/** Where a log's parts lie in the body; of what is in hexadecimal, the first digit. */
export interface ScannedLog {
  blockNumber: number;
  logIndex: number;
  transactionHash: number;
  data: number;
  dataEnd: number;
  readonly topics: Int32Array;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;

/** Writes `count` bytes from their digits at `start`. */
export function unhex(body: Uint8Array, start: number, count: number, out: Uint8Array, at: number): void {
  for (let index = 0, from = start; index < count; index++, from += 2) {
    out[at + index] = ((NIBBLE[body[from] ?? 0] ?? 0) << 4) | (NIBBLE[body[from + 1] ?? 0] ?? 0);
  }
}

/** A number from its digits, at most 13. */
export function hexNumber(body: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 16 + (NIBBLE[body[at] ?? 0] ?? 0);
  return value;
}

/** Calls `take` for each log, with one object for all; returns how many there were. Throws on an answer without a result. */
export function scanLogs(body: Buffer, take: (log: ScannedLog) => void): number {
  let at = body.subarray(0, 200).indexOf('"result":[');
  if (at < 0) throw new Error(`no logs: ${body.toString("latin1", 0, 300)}`);
  at += 10;
  const log: ScannedLog = {
    blockNumber: 0,
    logIndex: 0,
    transactionHash: 0,
    data: 0,
    dataEnd: 0,
    topics: new Int32Array(4),
  };
  let count = 0;
  while (body[at] !== CLOSE_LIST) {
    if (body[at] === COMMA) {
      at++;
      continue;
    }
    at = scanLog(body, at + 1, log);
    take(log);
    count++;
  }
  return count;
}

/** From after the brace to after the closing one. */
function scanLog(body: Buffer, start: number, log: ScannedLog): number {
  let at = start;
  while (body[at] !== CLOSE_OBJECT) {
    if (body[at] === COMMA) {
      at++;
      continue;
    }
    const key = at + 1;
    let keyEnd = key;
    while (body[keyEnd] !== QUOTE) keyEnd++;
    at = scanValue(body, { key, length: keyEnd - key }, keyEnd + 2, log);
  }
  return at + 1;
}

function scanValue(
  body: Buffer,
  { key, length }: { readonly key: number; readonly length: number },
  start: number,
  log: ScannedLog,
): number {
  let at = start;
  if (body[at] === OPEN_LIST) {
    for (let topic = 0; body[at] !== CLOSE_LIST;) {
      if (body[at] === QUOTE) {
        log.topics[topic++] = at + 3;
        at += 68;
      } else at++;
    }
    return at + 1;
  }
  if (body[at] !== QUOTE) {
    while (body[at] !== COMMA && body[at] !== CLOSE_OBJECT) at++;
    return at;
  }
  const value = at + 3;
  const isData = length === 4 && body[key] === 0x64;
  let end = value;
  if (isData) end = body.indexOf(QUOTE, value);
  else while (body[end] !== QUOTE) end++;
  if (isData) {
    log.data = value;
    log.dataEnd = end;
  } else if (length === 15 && body[key + 11] === 0x48) log.transactionHash = value;
  else if (length === 11 && body[key] === 0x62) log.blockNumber = hexNumber(body, value, end);
  else if (length === 8 && body[key] === 0x6c) log.logIndex = hexNumber(body, value, end);
  return end + 1;
}
