// The rules of the contract, each refusal by name, on a real chain.
import { bufferToHex, createRpcClient, RpcRefused, type Hex, type RpcClient } from "@tidegate/chain";
import { startTestChain, type TestChain } from "@tidegate/chain/testing";
import { seededRandom } from "@tidegate/kernel";
import { Interface, TypedDataEncoder } from "ethers";
import { afterAll, beforeAll, expect, test } from "vitest";
import market from "../../contracts/Market.json" with { type: "json" };
import { DEFAULT_MIX } from "../traffic/mix.ts";
import type { LedgerRequest } from "../traffic/ledger-line.ts";
import { makeFulfillment } from "../traffic/make-fulfillment.ts";
import { makeRequest } from "../traffic/make-request.ts";
import { toAbiFulfillment, toAbiRequest } from "../traffic/request-values.ts";
import { deployMarket, MARKET_ADDRESS } from "./deploy-market.ts";
import { CLIENTS, PROVERS, WATCHER } from "./dev-accounts.ts";
import { encodeCall } from "./market-abi.ts";
import { REQUEST_TYPES } from "./request-types.fixture.ts";

const contract = new Interface(market.abi);
const random = seededRandom(7);
const [client, prover, other] = [account(CLIENTS, 0), account(PROVERS, 0), account(PROVERS, 1)];
const SIGNATURE = Buffer.alloc(65, 1);
const NO_CALLBACK = { ...DEFAULT_MIX, callback: 0 };

let chain: TestChain;
let rpc: RpcClient;
let index = 0;

beforeAll(async () => {
  chain = await startTestChain();
  rpc = createRpcClient({ urls: [chain.url], restMs: 0 });
  await deployMarket(rpc, { mine: () => chain.mine() });
  await send(client, encodeCall.deposit({}), 10n ** 18n);
  await send(prover, encodeCall.depositCollateral({ value: 10n ** 70n }));
});
afterAll(async () => {
  await rpc.close();
  await chain.stop();
});

function account(from: readonly Hex[], at: number): Hex {
  const address = from[at];
  if (address === undefined) throw new Error("no such account");
  return address;
}

function request(): LedgerRequest {
  const now = chain.head().timestamp;
  const made = makeRequest(random, { client, index: index++, now, mix: NO_CALLBACK, isOdd: false });
  const offer = {
    minPrice: "1000",
    maxPrice: "3000",
    rampUpStart: String(now),
    rampUpPeriod: 20,
    lockTimeout: 40,
    timeout: 90,
  };
  return { ...made, offer: { ...made.offer, ...offer, lockCollateral: "1001" } };
}

function digestOf(made: LedgerRequest): Hex {
  const domain = { name: "IBoundlessMarket", version: "1", chainId: 31_337, verifyingContract: MARKET_ADDRESS };
  const imageUrl = Buffer.from(made.imageUrl.slice(2), "hex").toString("utf8");
  return TypedDataEncoder.hash(domain, REQUEST_TYPES, { ...made, imageUrl }) as Hex;
}

const lock = (made: LedgerRequest): Buffer =>
  encodeCall.lockRequest({ request: toAbiRequest(made), clientSignature: SIGNATURE });
const deliver = (made: LedgerRequest, by: Hex, digest = digestOf(made)): Buffer =>
  encodeCall.fulfill({
    request: toAbiRequest(made),
    fulfillment: toAbiFulfillment(makeFulfillment(random, made, digest)),
    prover: Buffer.from(by.slice(2), "hex"),
  });
const slash = (made: LedgerRequest): Buffer => encodeCall.slash({ requestId: BigInt(made.id) });

/** Sends, mines a second later, and gives the names of the events; fails when it reverts. */
async function send(from: Hex, data: Buffer, value = 0n): Promise<string[]> {
  const fees = { maxFeePerGas: "0x0", maxPriorityFeePerGas: "0x0", gas: "0x16e360" };
  const transaction = { from, to: MARKET_ADDRESS, data: bufferToHex(data), value: `0x${value.toString(16)}`, ...fees };
  const hash = await rpc.call("eth_sendTransaction", [transaction]);
  await chain.mine();
  const receipt = (await rpc.call("eth_getTransactionReceipt", [hash])) as {
    status: string;
    logs: Array<{ topics: string[]; data: string }>;
  };
  expect(receipt.status).toBe("0x1");
  return receipt.logs.map((log) => contract.parseLog(log)?.name ?? "");
}

/** Name of the error with which a call would be refused now; undefined when it would succeed. */
async function refusal(from: Hex, data: Buffer): Promise<string | undefined> {
  try {
    await rpc.call("eth_call", [{ from, to: MARKET_ADDRESS, data: bufferToHex(data) }, "latest"]);
    return undefined;
  } catch (error) {
    if (!(error instanceof RpcRefused)) throw error;
    return contract.parseError(String(error.rpcData))?.name;
  }
}

async function read(name: string, ...args: unknown[]): Promise<unknown> {
  const data = contract.encodeFunctionData(name, args);
  const result = await rpc.call("eth_call", [{ to: MARKET_ADDRESS, data }, "latest"]);
  return contract.decodeFunctionResult(name, String(result))[0];
}

/** The next block is mined this many seconds later. */
const wait = (seconds: number): Promise<unknown> => chain.mine(1, { timestamp: chain.head().timestamp + seconds });

test("computes the digest that ethers computes, also of text that is not ASCII", async () => {
  for (let round = 0; round < 30; round++) {
    const made = request();
    const data = bufferToHex(encodeCall.requestDigest({ request: toAbiRequest(made) }));
    expect(await rpc.call("eth_call", [{ to: MARKET_ADDRESS, data }, "latest"])).toBe(digestOf(made));
  }
});

test("a lock takes the price of its second and the collateral, once", async () => {
  const made = request();
  const [balance, collateral] = [await read("balanceOf", client), await read("balanceOfCollateral", prover)];
  await wait(9);
  expect(await send(prover, lock(made))).toEqual(["RequestLocked"]);
  // Ten seconds of twenty into the ramp from 1,000 to 3,000.
  expect(await read("balanceOf", client)).toBe((balance as bigint) - 2_000n);
  expect(await read("balanceOfCollateral", prover)).toBe((collateral as bigint) - 1_001n);
  expect(await refusal(prover, lock(made))).toBe("RequestIsLocked");
});

test("a lock is refused after its deadline, without balance, without collateral, and for a nonsensical offer", async () => {
  const made = request();
  const id: Hex = `0x${(BigInt(WATCHER) << 32n).toString(16).padStart(64, "0")}`;
  const poor = { ...made, id };
  expect(await refusal(prover, lock(made))).toBeUndefined();
  expect(await refusal(prover, lock(poor))).toBe("InsufficientBalance");
  expect(await refusal(other, lock(made))).toBe("InsufficientCollateral");
  expect(await refusal(prover, lock({ ...made, offer: { ...made.offer, minPrice: "4000" } }))).toBe("InvalidOffer");
  await wait(41);
  expect(await refusal(prover, lock(made))).toBe("DeadlinePassed");
});

test("within the lock its prover alone delivers, is paid, and cannot be slashed; later deliveries only deliver", async () => {
  const made = request();
  await send(prover, lock(made));
  expect(await refusal(other, deliver(made, other))).toBe("LockedByAnother");
  expect(await refusal(prover, deliver(made, prover, `0x${"11".repeat(32)}`))).toBe("DigestMismatch");
  const before = (await read("balanceOf", prover)) as bigint;
  expect(await send(prover, deliver(made, prover))).toEqual(["RequestFulfilled", "ProofDelivered"]);
  expect(await read("balanceOf", prover)).toBeGreaterThan(before);
  expect(await send(other, deliver(made, other))).toEqual(["ProofDelivered"]);
  expect(await refusal(WATCHER, slash(made))).toBe("RequestIsPaid");
  await wait(100);
  expect(await refusal(WATCHER, slash(made))).toBe("RequestIsPaid");
  expect(await refusal(other, deliver(made, other))).toBe("DeadlinePassed");
});

test("after the lock anybody delivers, for nothing but the half of the collateral that a slash leaves", async () => {
  const made = request();
  await send(prover, lock(made));
  await wait(45);
  const balance = await read("balanceOf", other);
  expect(await send(other, deliver(made, other))).toEqual(["RequestFulfilled", "ProofDelivered"]);
  expect(await read("balanceOf", other)).toBe(balance);
  expect(await refusal(WATCHER, slash(made))).toBe("DeadlineNotPassed");
  await wait(60);
  const collateral = (await read("balanceOfCollateral", other)) as bigint;
  expect(await send(WATCHER, slash(made))).toEqual(["ProverSlashed"]);
  expect(await read("balanceOfCollateral", other)).toBe(collateral + 501n);
  expect(await refusal(WATCHER, slash(made))).toBe("RequestIsSlashed");
});

test("a lock that nobody delivered for ends with a slash: the client has its price back, the market the half", async () => {
  const made = request();
  const balance = await read("balanceOf", client);
  await send(prover, lock(made));
  await wait(91);
  const collateral = (await read("balanceOfCollateral", MARKET_ADDRESS)) as bigint;
  expect(await send(WATCHER, slash(made))).toEqual(["ProverSlashed"]);
  expect(await read("balanceOf", client)).toBe(balance);
  expect(await read("balanceOfCollateral", MARKET_ADDRESS)).toBe(collateral + 501n);
});

test("without a lock the client pays the price of the moment, and nobody can lock or slash any more", async () => {
  const made = request();
  const balance = (await read("balanceOf", client)) as bigint;
  await wait(25);
  expect(await send(other, deliver(made, other))).toEqual(["RequestFulfilled", "ProofDelivered"]);
  expect(await read("balanceOf", client)).toBe(balance - 3_000n);
  expect(await refusal(prover, lock(made))).toBe("RequestIsFulfilled");
  await wait(100);
  expect(await refusal(WATCHER, slash(made))).toBe("RequestIsNotLocked");
});

test("nobody takes out more than is there", async () => {
  expect(await refusal(WATCHER, encodeCall.withdraw({ value: 1n }))).toBe("InsufficientBalance");
  expect(await refusal(WATCHER, encodeCall.withdrawCollateral({ value: 1n }))).toBe("InsufficientCollateral");
});
