// JSON.parse as the oracle: what is scanned is what it would have given, and whatever it would have judged is left to it.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseLog, type RpcLog } from "./parse-logs.ts";
import { hasSameResult, scanLogs } from "./scan-logs.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

const hexOf = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => `0x${Buffer.from(value).toString("hex")}`);
const quantity = (max: number): fc.Arbitrary<string> => fc.nat(max).map((value) => `0x${value.toString(16)}`);

/** Few values, so that neighbours share them. */
const log = fc.record({
  address: fc.constantFrom(`0x${"ab".repeat(20)}`, `0x${"cd".repeat(20)}`),
  topics: fc.array(hexOf(32), { maxLength: 4 }),
  data: fc.integer({ min: 0, max: 100 }).chain(hexOf),
  blockNumber: quantity(3),
  blockHash: fc.constantFrom(`0x${"01".repeat(32)}`, `0x${"02".repeat(32)}`),
  transactionHash: fc.constantFrom(`0x${"03".repeat(32)}`, `0x${"04".repeat(32)}`),
  transactionIndex: quantity(2 ** 28 - 1),
  logIndex: quantity(300),
  removed: fc.constant(false),
});
type Log = typeof log extends fc.Arbitrary<infer T> ? T : never;

const KEYS: readonly (keyof Log)[] = [
  "address",
  "topics",
  "data",
  "blockNumber",
  "blockHash",
  "transactionHash",
  "transactionIndex",
  "logIndex",
  "removed",
];

/** As geth, anvil and erigon write it, and with what others add. */
const written = fc
  .record({ log, order: fc.shuffledSubarray([...KEYS], { minLength: 9 }), more: fc.boolean() })
  .map(({ log: one, order, more }) => {
    const entries = order.map((key) => [key, one[key]] as const);
    return Object.fromEntries(more ? [["blockTimestamp", "0x6"], ...entries, ["chain", null]] : entries);
  });

const bodyOf = (result: unknown, id = 7): Buffer => Buffer.from(JSON.stringify({ jsonrpc: "2.0", id, result }));

/** What JSON.parse and the readers make of it; undefined where they refuse it. */
function parsed(body: Buffer): RpcLog[] | undefined {
  try {
    const answer = JSON.parse(body.toString("utf8")) as { readonly id: unknown; readonly result: readonly unknown[] };
    return answer.id === 7 ? answer.result.map((one) => parseLog(one)) : undefined;
  } catch {
    return undefined;
  }
}

describe(`scanLogs (seed ${seed})`, () => {
  it("gives what JSON.parse would have given", () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 6 }), fc.boolean(), (logs, hasLineFeed) => {
        const body = hasLineFeed ? Buffer.concat([bodyOf(logs), Buffer.from("\n")]) : bodyOf(logs);
        expect(scanLogs(body, 7)?.logs).toEqual(parsed(body));
      }),
      { seed, numRuns: 300 },
    );
  });

  it("gives nothing that JSON.parse would not have given, when bytes are lost, doubled or changed", () => {
    const mutation = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom("drop", "double", "change"),
      byte: fc.integer({ min: 0x20, max: 0x7e }),
    });
    let scanned = 0;
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 3 }), mutation, (logs, { at, kind, byte }) => {
        const body = bodyOf(logs);
        const place = at % body.length;
        const middle = { drop: [], double: [body[place] ?? 0, body[place] ?? 0], change: [byte] }[kind];
        const changed = Buffer.concat([body.subarray(0, place), Buffer.from(middle), body.subarray(place + 1)]);
        const logsOfScan = scanLogs(changed, 7)?.logs;
        if (logsOfScan === undefined) return;
        scanned++;
        expect(logsOfScan).toEqual(parsed(changed));
      }),
      { seed, numRuns: Number(process.env["RUNS"] ?? 3_000) },
    );
    // A digit that became another one is no mistake that anybody could see.
    expect(scanned).toBeGreaterThan(100);
  });

  it.each([
    ["an error", Buffer.from('{"jsonrpc":"2.0","id":7,"error":{"code":-32005,"message":"too many"}}')],
    ["the answer to another call", bodyOf([], 8)],
    ["a removed log", bodyOf([{ ...fc.sample(log, { seed, numRuns: 1 })[0], removed: true }])],
    ["a log without data", bodyOf([{ ...fc.sample(log, { seed, numRuns: 1 })[0], data: undefined }])],
    ["capital digits", bodyOf([{ ...fc.sample(log, { seed, numRuns: 1 })[0], address: `0x${"AB".repeat(20)}` }])],
    ["white space", Buffer.from('{ "jsonrpc": "2.0", "id": 7, "result": [] }')],
    ["no result", bodyOf(null)],
    ["half an answer", bodyOf([]).subarray(0, 20)],
    ["nothing", Buffer.alloc(0)],
  ])("leaves %s to JSON.parse", (_what, body) => {
    expect(scanLogs(body, 7)).toBeUndefined();
  });
});

it(`hasSameResult is true of the same list alone, whatever its id (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(written, { minLength: 1, maxLength: 4 }), fc.nat(), (logs, at) => {
      const raw = scanLogs(bodyOf(logs), 7)?.raw ?? expect.fail("it was not read");
      expect(JSON.parse(raw.toString())).toEqual(JSON.parse(JSON.stringify(logs)));
      expect(hasSameResult(bodyOf(logs, 123), 123, raw)).toBe(true);
      expect(hasSameResult(bodyOf(logs, 123), 124, raw)).toBe(false);
      expect(hasSameResult(bodyOf(logs.slice(1)), 7, raw)).toBe(false);
      expect(hasSameResult(bodyOf([...logs, logs[0]]), 7, raw)).toBe(false);
      const changed = bodyOf(logs);
      const place = changed.indexOf("[") + (at % raw.length);
      changed[place] = (changed[place] ?? 0) ^ 1;
      expect(hasSameResult(changed, 7, raw)).toBe(false);
      expect(hasSameResult(bodyOf(logs).subarray(0, -1), 7, raw)).toBe(false);
    }),
    { seed, numRuns: 200 },
  );
});
