// Logs as ethers encodes them: the ABI is written from the contract's facts, not from our table.
import { Interface, keccak256 } from "ethers";
import type { MarketEventName } from "../decode/abi.ts";

const REQUEST =
  "(uint256 id,((address addr,uint96 gasLimit) callback,(uint8 predicateType,bytes data) predicate,bytes4 selector) requirements," +
  "string imageUrl,(uint8 inputType,bytes data) input,(uint256 minPrice,uint256 maxPrice,uint64 rampUpStart,uint32 rampUpPeriod," +
  "uint32 lockTimeout,uint32 timeout,uint256 lockCollateral) offer)";

const FULFILLMENT =
  "(uint256 id,bytes32 requestDigest,bytes32 claimDigest,uint8 fulfillmentDataType,bytes fulfillmentData,bytes seal)";

export const oracle = new Interface([
  `event RequestSubmitted(uint256 indexed requestId, ${REQUEST} request, bytes clientSignature)`,
  `event RequestLocked(uint256 indexed requestId, address prover, ${REQUEST} request, bytes clientSignature)`,
  "event RequestFulfilled(uint256 indexed requestId, address indexed prover, bytes32 requestDigest)",
  `event ProofDelivered(uint256 indexed requestId, address indexed prover, ${FULFILLMENT} fulfillment)`,
  "event ProverSlashed(uint256 indexed requestId, uint256 collateralBurned, uint256 collateralTransferred, address collateralRecipient)",
  // "error" is a keyword of ethers' parser; names do not count for a signature.
  "event CallbackFailed(uint256 indexed requestId, address callback, bytes reason)",
  "event Deposit(address indexed account, uint256 value)",
  "event Withdrawal(address indexed account, uint256 value)",
  "event CollateralDeposit(address indexed account, uint256 value)",
  "event CollateralWithdrawal(address indexed account, uint256 value)",
]);

/** Buffers as hex, as ethers takes them; strings as text. */
export function toEthers(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return `0x${value.toString("hex")}`;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "imageUrl" ? (inner as Buffer).toString("utf8") : toEthers(inner),
    ]),
  );
}

/** Topics and data; the keys of `args` in ABI order. */
export function encodeWithEthers(name: MarketEventName, args: object): { topics: string[]; data: string } {
  return oracle.encodeEventLog(name, Object.values(toEthers(args) as Record<string, unknown>));
}

export interface BloomedLog {
  readonly address: string;
  readonly topics: readonly string[];
}

/** Computed once: the same addresses and topics come in every block. */
const hashes = new Map<string, string>();

/** The logs bloom of a block with these logs, by ethers' keccak: a bigint of 2,048 bits as "0x…". */
export function bloomWithEthers(logs: readonly BloomedLog[]): string {
  let bloom = 0n;
  for (const value of new Set(logs.flatMap(({ address, topics }) => [address, ...topics]))) {
    const hash = hashes.get(value) ?? keccak256(value).slice(2);
    hashes.set(value, hash);
    for (const at of [0, 4, 8]) bloom |= 1n << (BigInt(`0x${hash.slice(at, at + 4)}`) & 2047n);
  }
  return `0x${bloom.toString(16).padStart(512, "0")}`;
}
