// The traffic on a real chain: nothing reverts, every event occurs, and the ledger says exactly what ethers reads from the logs.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRpcClient, type RpcClient } from "@tidegate/chain";
import { startTestChain, type TestChain } from "@tidegate/chain/testing";
import { TypedDataEncoder, toUtf8Bytes, toUtf8String } from "ethers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readChainBlocks } from "../chain-reading.ts";
import { deployMarket, MARKET_ADDRESS } from "../contract/deploy-market.ts";
import { REQUEST_TYPES } from "../contract/request-types.fixture.ts";
import { expectedRows, type ExpectedRows } from "../expected/expected-rows.ts";
import { createTraffic, type Traffic, type TrafficEvent } from "./create-traffic.ts";
import { decodedRows } from "./decoded-rows.fixture.ts";
import { readLedger } from "./ledger.ts";
import type { LedgerAction, LedgerRequest } from "./ledger-line.ts";

const TABLES = {
  RequestSubmitted: "request_submitted_events",
  RequestLocked: "request_locked_events",
  RequestFulfilled: "request_fulfilled_events",
  ProofDelivered: "proofs",
  CallbackFailed: "callback_failed_events",
  ProverSlashed: "prover_slashed_events",
  Deposit: "deposit_events",
  Withdrawal: "withdrawal_events",
  CollateralDeposit: "collateral_deposit_events",
  CollateralWithdrawal: "collateral_withdrawal_events",
} as const satisfies Record<string, keyof ExpectedRows>;

const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 32));
/** A seed whose first 250 blocks hold every event and every turn of a request's life; most seeds do, not all. */
const FULL_SEED = 1;
let chain: TestChain;
let rpc: RpcClient;
let folder: string;
const open: Traffic[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tidegate-traffic-"));
  chain = await startTestChain();
  rpc = createRpcClient({ urls: [chain.url], restMs: 0 });
  await deployMarket(rpc, { mine: () => chain.mine() });
});
afterEach(async () => {
  for (const traffic of open.splice(0)) await traffic.close();
  await rpc.close();
  await chain.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function traffic(name: string, events: TrafficEvent[] = [], from = seed): Promise<Traffic> {
  const made = await createTraffic({
    rpc,
    seed: from,
    ledgerPath: join(folder, name),
    mine: (timestamp) => chain.mine(1, { timestamp }),
    onEvent: (event) => events.push(event),
  });
  open.push(made);
  return made;
}

async function expectLedgerIsTrue(name: string): Promise<ExpectedRows> {
  const { actions } = readLedger(join(folder, name));
  const expected = expectedRows({ actions }, await readChainBlocks(rpc, 0, chain.head().number));
  const decoded = await decodedRows(rpc);
  for (const [event, table] of Object.entries(TABLES)) {
    const rows: readonly object[] = expected[table];
    expect(decoded[event]?.length ?? 0, `${event} on the chain`).toBe(rows.length);
    expect(rows, `${table}, seed ${seed}`).toMatchObject(decoded[event] ?? []);
  }
  return expected;
}

test(
  `250 blocks: no revert, all ten events, and the ledger is what ethers reads (seed ${FULL_SEED})`,
  { timeout: 120_000 },
  async () => {
    const made = await traffic("ledger.jsonl", [], FULL_SEED);
    for (let block = 0; block < 250; block++) await made.step();
    const counts = made.counts();
    expect(counts).toMatchObject({ reverted: 0, underWay: 0, mined: counts.actions });
    expect(counts.actions).toBeGreaterThan(400);
    const rows = await expectLedgerIsTrue("ledger.jsonl");
    for (const table of Object.values(TABLES)) expect(rows[table].length, table).toBeGreaterThan(0);

    const { actions } = readLedger(join(folder, "ledger.jsonl"));
    const done = new Set(actions.map((action) => action.performs?.do));
    expect(done).toEqual(
      new Set([undefined, "submit again", "resubmit", "lock", "deliver", "deliver late", "deliver again", "slash"]),
    );
    expect(rows.proof_requests.some((row) => row.source === "unknown")).toBe(true);
    for (const action of actions) expectDigest(action);
  },
);

/** By ethers, where the text is UTF-8: it takes nothing else. */
function expectDigest({ request, digest }: LedgerAction): void {
  const text = request === undefined ? undefined : decodeText(request.imageUrl);
  if (request === undefined || text === undefined) return;
  const domain = { name: "IBoundlessMarket", version: "1", chainId: 31_337, verifyingContract: MARKET_ADDRESS };
  expect(TypedDataEncoder.hash(domain, REQUEST_TYPES, { ...request, imageUrl: text })).toBe(digest);
}

function decodeText(bytes: LedgerRequest["imageUrl"]): string | undefined {
  try {
    const text = toUtf8String(bytes);
    return Buffer.from(toUtf8Bytes(text)).toString("hex") === bytes.slice(2) ? text : undefined;
  } catch {
    return undefined;
  }
}

test(`the same seed on a fresh chain gives the same ledger (seed ${seed})`, async () => {
  const first = await traffic("first.jsonl");
  for (let block = 0; block < 40; block++) await first.step();
  const other = await startTestChain();
  const otherRpc = createRpcClient({ urls: [other.url] });
  try {
    await deployMarket(otherRpc, { mine: () => other.mine() });
    const mine = (timestamp: number): Promise<unknown> => other.mine(1, { timestamp });
    const second = await createTraffic({ rpc: otherRpc, seed, ledgerPath: join(folder, "second.jsonl"), mine });
    open.push(second);
    for (let block = 0; block < 40; block++) await second.step();
  } finally {
    await otherRpc.close();
    await other.stop();
  }
  const [one, two] = ["first.jsonl", "second.jsonl"].map((name) => readFileSync(join(folder, name), "utf8"));
  expect(one?.length).toBeGreaterThan(1_000);
  expect(two).toBe(one);
});

test(`what a killed chain forgot is sent again (seed ${seed})`, { timeout: 120_000 }, async () => {
  const events: TrafficEvent[] = [];
  const made = await traffic("ledger.jsonl", events);
  for (let block = 0; block < 20; block++) await made.step();
  const live = await createTraffic({
    rpc,
    seed,
    ledgerPath: join(folder, "ledger.jsonl"),
    onEvent: (event) => events.push(event),
    // The chain's own time: it never looks like standing still.
    clock: { now: () => new Date(0), monotonicMs: () => 0, sleep: () => Promise.resolve() },
  });
  open.push(live);
  for (let round = 0; round < 3; round++) {
    for (let action = 0; action < 8; action++) await live.step();
    expect(live.counts().underWay).toBe(8);
    process.kill(chain.pid(), "SIGKILL");
    for (let block = 0; block < 6; block++) {
      await chain.mine();
      await live.follow();
    }
    expect(live.counts()).toMatchObject({ underWay: 0, reverted: 0 });
  }
  expect(events.filter((event) => event.code === "traffic.sent-again")).toHaveLength(3);
  await expectLedgerIsTrue("ledger.jsonl");
});

test(
  `what would come too late after a restart is taken back, and its nonces are used again (seed ${seed})`,
  { timeout: 120_000 },
  async () => {
    const made = await traffic("ledger.jsonl");
    for (let block = 0; block < 30; block++) await made.step();
    const clock = { now: () => new Date(0), monotonicMs: () => 0, sleep: () => Promise.resolve() };
    const options = { rpc, seed, ledgerPath: join(folder, "ledger.jsonl"), clock };
    const live = await createTraffic(options);
    open.push(live);
    for (let action = 0; action < 30; action++) await live.step();
    process.kill(chain.pid(), "SIGKILL");
    await chain.mine(1, { timestamp: chain.head().timestamp + 100 });
    const events: TrafficEvent[] = [];
    const next = await createTraffic({ ...options, onEvent: (event) => events.push(event) });
    open.push(next);
    await next.follow();
    expect(events.at(-1)).toMatchObject({ code: "traffic.sent-again" });
    expect(next.counts().void).toBeGreaterThan(0);
    for (let block = 0; block < 10; block++) {
      await next.step();
      await chain.mine();
      await next.follow();
    }
    expect(next.counts()).toMatchObject({ underWay: 0, reverted: 0 });
    await expectLedgerIsTrue("ledger.jsonl");
  },
);

test("a ledger of another chain is refused", async () => {
  const made = await traffic("ledger.jsonl");
  for (let block = 0; block < 15; block++) await made.step();
  await chain.stop();
  await rpc.close();
  chain = await startTestChain();
  rpc = createRpcClient({ urls: [chain.url], restMs: 0 });
  await deployMarket(rpc, { mine: () => chain.mine() });
  await expect(traffic("ledger.jsonl")).rejects.toMatchObject({ code: "market.ledger-of-another-chain" });
  await chain.mine(40);
  await expect(traffic("ledger.jsonl")).rejects.toMatchObject({ code: "market.ledger-of-another-chain" });
});
