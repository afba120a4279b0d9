// From an action to the transaction that anvil signs and sends.
import { bufferToHex, hexToBuffer, type Hex } from "@tidegate/chain";
import { encodeCall } from "../contract/market-abi.ts";
import type { LedgerAction } from "./ledger-line.ts";
import { toAbiFulfillment, toAbiRequest } from "./request-values.ts";

/** Parameters of eth_sendTransaction. Nonce, gas and fees are explicit: an estimate can be too low, and depends on the moment. */
export interface MarketTransaction {
  readonly from: Hex;
  readonly to: Hex;
  readonly nonce: Hex;
  readonly gas: Hex;
  readonly maxFeePerGas: Hex;
  readonly maxPriorityFeePerGas: Hex;
  readonly value: Hex;
  readonly data: Hex;
}

/** Enough for the largest request, whose bytes are paid for in calldata and again in the log. */
const REQUEST_GAS = 1_500_000;
const ACCOUNT_GAS = 200_000;

export function encodeAction(market: Hex, action: LedgerAction): MarketTransaction {
  const data = encodeData(action);
  const isPayable = action.action === "deposit" || action.action === "submitRequest";
  const isSmall = action.request === undefined || action.action === "slash";
  return {
    from: action.from,
    to: market,
    nonce: quantity(action.nonce),
    gas: quantity(isSmall ? ACCOUNT_GAS : REQUEST_GAS),
    maxFeePerGas: "0x0",
    maxPriorityFeePerGas: "0x0",
    value: quantity(isPayable ? BigInt(action.value ?? 0) : 0),
    data: bufferToHex(data),
  };
}

function encodeData(action: LedgerAction): Buffer {
  const value = BigInt(action.value ?? 0);
  switch (action.action) {
    case "deposit":
      return encodeCall.deposit({});
    case "withdraw":
      return encodeCall.withdraw({ value });
    case "depositCollateral":
      return encodeCall.depositCollateral({ value });
    case "withdrawCollateral":
      return encodeCall.withdrawCollateral({ value });
    case "slash":
      return encodeCall.slash({ requestId: BigInt(given(action, "requestId")) });
    case "submitRequest":
    case "lockRequest": {
      const request = toAbiRequest(given(action, "request"));
      return encodeCall[action.action]({ request, clientSignature: hexToBuffer(given(action, "clientSignature")) });
    }
    case "fulfill":
    case "fulfillAndWithdraw":
      return encodeCall[action.action]({
        request: toAbiRequest(given(action, "request")),
        fulfillment: toAbiFulfillment(given(action, "fulfillment")),
        prover: hexToBuffer(given(action, "prover")),
      });
  }
}

function given<K extends keyof LedgerAction>(action: LedgerAction, field: K): NonNullable<LedgerAction[K]> {
  const value = action[field];
  if (value === undefined) throw new RangeError(`action ${action.seq} (${action.action}) has no ${field}`);
  return value;
}

function quantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}
