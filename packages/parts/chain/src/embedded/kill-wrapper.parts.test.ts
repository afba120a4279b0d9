// The process that runs the chain is killed from outside, alone and together with anvil, at random moments.
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { seededRandom } from "@tidegate/kernel";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRpcClient, type RpcClient } from "../rpc/rpc-client.ts";
import { findAnvils } from "./anvil-process.ts";

const PROGRAM = fileURLToPath(new URL("chain-process.fixture.ts", import.meta.url));
const SENDER = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
const seed = Math.floor(Math.random() * 2 ** 32);
const random = seededRandom(seed);

interface Wrapper {
  readonly child: ChildProcessByStdio<null, Readable, null>;
  readonly rpc: RpcClient;
  readonly anvil: number;
  /** How it got its anvil. */
  readonly origin: string;
}

let dataDir: string;
const running: Wrapper[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "tidegate-chain-"));
});
afterEach(async () => {
  for (const { child, rpc } of running.splice(0)) {
    await rpc.close();
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGTERM");
    await once(child, "exit");
  }
  expect(findAnvils(dataDir), "an anvil was left behind").toEqual([]);
  rmSync(dataDir, { recursive: true, force: true });
});

async function startWrapper(): Promise<Wrapper> {
  const child = spawn(process.execPath, [PROGRAM, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  let origin = "";
  for await (const line of createInterface(child.stdout)) {
    const event = JSON.parse(line) as { code: string; url: string; pid: number };
    if (event.code === "chain.adopted" || event.code === "chain.replayed") origin = event.code;
    if (event.code !== "up") continue;
    child.stdout.resume();
    const wrapper = { child, rpc: createRpcClient({ urls: [event.url], restMs: 0 }), anvil: event.pid, origin };
    running.push(wrapper);
    return wrapper;
  }
  throw new Error("the chain's process ended before it was up");
}

async function killWrapper({ child, rpc }: Wrapper): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
  await rpc.close();
}

/** Sends transactions until the head is `blocks` further, and a random number of milliseconds more. */
async function useUntil({ rpc }: Wrapper, blocks: number): Promise<void> {
  let nonce = await rpc.call("eth_getTransactionCount", [SENDER, "pending"], { parse: Number });
  const goal = (await rpc.call("eth_blockNumber", [], { parse: Number })) + blocks;
  const fees = { maxFeePerGas: "0x0", maxPriorityFeePerGas: "0x0", gas: "0x30d40" };
  const send = async (): Promise<void> => {
    const data = `0x${random.bytes(20).toString("hex")}`;
    await rpc.call("eth_sendTransaction", [
      { from: SENDER, to: SENDER, nonce: `0x${(nonce++).toString(16)}`, data, ...fees },
    ]);
  };
  while ((await rpc.call("eth_blockNumber", [], { parse: Number })) < goal) await send();
  for (let more = random.integer(0, 30); more > 0; more--) await send();
}

async function hashes(rpc: RpcClient): Promise<string[]> {
  const head = await rpc.call("eth_blockNumber", [], { parse: Number });
  const calls = Array.from({ length: head + 1 }, (_, number) => BigInt(number)).map((number) => {
    return { method: "eth_getBlockByNumber", params: [number, false] };
  });
  return (await rpc.batch(calls)).map((outcome) => {
    if (!outcome.ok) throw outcome.error;
    return (outcome.value as { hash: string }).hash;
  });
}

test(`the wrapper killed: its anvil is taken over, with every block (seed ${seed})`, async () => {
  let before: string[] = [];
  let wrapper = await startWrapper();
  for (let round = 0; round < 4; round++) {
    await useUntil(wrapper, 5);
    before = await hashes(wrapper.rpc);
    await killWrapper(wrapper);
    const { anvil } = wrapper;
    wrapper = await startWrapper();
    expect(wrapper).toMatchObject({ anvil, origin: "chain.adopted" });
    expect((await hashes(wrapper.rpc)).slice(0, before.length)).toEqual(before);
  }
});

test(`wrapper and anvil killed: every block that was seen comes back (seed ${seed})`, async () => {
  let wrapper = await startWrapper();
  for (let round = 0; round < 6; round++) {
    await useUntil(wrapper, random.integer(2, 20));
    const before = await hashes(wrapper.rpc);
    process.kill(wrapper.anvil, "SIGKILL");
    await killWrapper(wrapper);
    wrapper = await startWrapper();
    expect(wrapper.origin).toBe("chain.replayed");
    expect((await hashes(wrapper.rpc)).slice(0, before.length)).toEqual(before);
  }
});
