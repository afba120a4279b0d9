// Puts the market, and a contract that rejects every callback, where everybody expects them.
import { bufferToHex, getCode, hexToBuffer, keccak256, parseHash, parseQuantity } from "@tidegate/chain";
import type { Hex, RpcClient } from "@tidegate/chain";
import { TidegateError, waitUntil, type Clock } from "@tidegate/kernel";
import market from "../../contracts/Market.json" with { type: "json" };
import rejectingCallback from "../../contracts/RejectingCallback.json" with { type: "json" };
import { DEPLOYER } from "./dev-accounts.ts";

/** First contract of the deployer: keccak256(rlp([sender, nonce])), last 20 bytes. */
export const MARKET_ADDRESS = contractAddress(DEPLOYER, 0);
export const REJECTING_CALLBACK_ADDRESS = contractAddress(DEPLOYER, 1);

const DEPLOY_GAS = "0x989680";
const MINED_WITHIN_MS = 60_000;

export class DeployerWasUsed extends TidegateError {
  override readonly name = "DeployerWasUsed";
  constructor(facts: { address: Hex; nonce: bigint }) {
    super({
      code: "market.deployer-was-used",
      message: `The first dev account has sent ${facts.nonce} transactions, and there is no contract at ${facts.address}. Nothing was deployed.`,
      remedy: "Use a fresh chain: the market's address follows from the account's first transaction.",
      details: facts,
      blame: "user",
    });
  }
}

export interface DeployOptions {
  /** Mines a block, on a chain that mines on demand. Default: somebody else mines. */
  readonly mine?: () => Promise<unknown>;
  readonly clock?: Clock;
}

/** Deploys what is missing of the two contracts; resolves with the market's address when both are mined. May be called again. */
export async function deployMarket(rpc: RpcClient, options: DeployOptions = {}): Promise<Hex> {
  const contracts = [
    { address: MARKET_ADDRESS, nonce: 0, bytecode: market.bytecode },
    { address: REJECTING_CALLBACK_ADDRESS, nonce: 1, bytecode: rejectingCallback.bytecode },
  ];
  for (const { address, nonce, bytecode } of contracts) {
    if (await isDeployed(rpc, address)) continue;
    const parse = (result: unknown): bigint => parseQuantity(result, "the nonce");
    const next = await rpc.call("eth_getTransactionCount", [DEPLOYER, "pending"], { parse });
    const mined = await rpc.call("eth_getTransactionCount", [DEPLOYER, "latest"], { parse });
    if (mined > nonce) throw new DeployerWasUsed({ address, nonce: mined });
    if (next === BigInt(nonce)) await send(rpc, nonce, bytecode);
  }
  for (const { address } of contracts) {
    await waitUntil(
      async () => {
        await options.mine?.();
        return (await isDeployed(rpc, address)) ? true : undefined;
      },
      {
        what: `The deployment at ${address}`,
        limitMs: MINED_WITHIN_MS,
        remedy: "See whether the chain mines blocks.",
        everyMs: options.mine === undefined ? 50 : 0,
        ...(options.clock === undefined ? {} : { clock: options.clock }),
      },
    );
  }
  return MARKET_ADDRESS;
}

/** Whether there is code at the address. */
export async function isDeployed(rpc: RpcClient, address: Hex): Promise<boolean> {
  return (await getCode({ client: rpc, address })) !== "0x";
}

async function send(rpc: RpcClient, nonce: number, bytecode: string): Promise<void> {
  const fees = { maxFeePerGas: "0x0", maxPriorityFeePerGas: "0x0" };
  const transaction = { from: DEPLOYER, nonce: `0x${nonce}`, gas: DEPLOY_GAS, data: bytecode, ...fees };
  await rpc.call("eth_sendTransaction", [transaction], { parse: (hash) => parseHash(hash, "the hash") });
}

/** For nonces up to 127: the RLP of the list [20 bytes, one byte]. */
function contractAddress(sender: Hex, nonce: number): Hex {
  const rlp = Buffer.concat([
    Buffer.from([0xd6, 0x94]),
    hexToBuffer(sender),
    Buffer.from([nonce === 0 ? 0x80 : nonce]),
  ]);
  return bufferToHex(keccak256(rlp).subarray(12));
}
