// The events that an action must emit, from the rules of the contract and from what the generator knows.
import { abi, bufferToHex, compileCallEncoder, hexToBuffer, type Hex } from "@tidegate/chain";
import { MARKET_ADDRESS, REJECTING_CALLBACK_ADDRESS } from "../contract/deploy-market.ts";
import type { ChosenAction } from "./choose-action.ts";
import type { ExpectedEvent, LedgerFulfillment, LedgerRequest } from "./ledger-line.ts";
import { slashedAmounts, type MarketModel } from "./market-model.ts";

// An error's data is encoded like a call.
const encodeRejection = compileCallEncoder(
  abi.func("ProofRejected", { claimDigest: abi.fixedBytes(32), reason: abi.string }),
);
const REASON = Buffer.from("not convinced: näher prüfen", "utf8");

/** In the order in which they are emitted. The model is as it was before the action. */
export function expectEvents(model: MarketModel, action: ChosenAction): ExpectedEvent[] {
  const { from, value = "0", requestId = "0x", digest = "0x", prover = from } = action;
  switch (action.action) {
    case "deposit":
      return [{ event: "Deposit", account: from, value }];
    case "withdraw":
      return [{ event: "Withdrawal", account: from, value }];
    case "depositCollateral":
      return [{ event: "CollateralDeposit", account: from, value }];
    case "withdrawCollateral":
      return [{ event: "CollateralWithdrawal", account: from, value }];
    case "submitRequest": {
      const deposit: ExpectedEvent[] = value === "0" ? [] : [{ event: "Deposit", account: from, value }];
      return [...deposit, { event: "RequestSubmitted", requestId, digest }];
    }
    case "lockRequest":
      return [{ event: "RequestLocked", requestId, digest, prover: from }];
    case "slash":
      return expectSlash(model, requestId, digest);
    case "fulfill":
      return expectDelivery(model, action, prover);
    case "fulfillAndWithdraw": {
      const withdrawn = exactBalanceAfter(model, action, prover).toString();
      return [...expectDelivery(model, action, prover), { event: "Withdrawal", account: prover, value: withdrawn }];
    }
  }
}

function expectSlash(model: MarketModel, requestId: Hex, digest: Hex): ExpectedEvent[] {
  const state = model.requests.get(digest);
  if (state?.lockProver === undefined) return [];
  const { burned, transferred } = slashedAmounts(state.request);
  return [
    {
      event: "ProverSlashed",
      requestId,
      burned: burned.toString(),
      transferred: transferred.toString(),
      recipient: state.lateProver ?? MARKET_ADDRESS,
      lockProver: state.lockProver,
    },
  ];
}

function expectDelivery(model: MarketModel, action: ChosenAction, prover: Hex): ExpectedEvent[] {
  const { requestId = "0x", digest = "0x", request, fulfillment } = action;
  if (request === undefined || fulfillment === undefined) return [];
  const isFirst = model.requests.get(digest)?.fulfilled !== true;
  return [
    ...(isFirst ? [{ event: "RequestFulfilled" as const, requestId, digest, prover }] : []),
    { event: "ProofDelivered", requestId, prover, fulfillment },
    ...expectCallback(request, fulfillment),
  ];
}

function expectCallback(request: LedgerRequest, { claimDigest }: LedgerFulfillment): ExpectedEvent[] {
  const { addr } = request.requirements.callback;
  const failed = { event: "CallbackFailed" as const, requestId: request.id, callback: addr };
  // The market has no such function, and reverts without a word. An account without code accepts every call.
  if (addr === MARKET_ADDRESS) return [{ ...failed, failure: "0x" }];
  if (addr !== REJECTING_CALLBACK_ADDRESS) return [];
  const failure = encodeRejection({ claimDigest: hexToBuffer(claimDigest), reason: REASON });
  return [{ ...failed, failure: bufferToHex(failure) }];
}

/** Of the exact prover, whose payments do not depend on the second of a block: see dev-accounts.ts. */
function exactBalanceAfter(model: MarketModel, { digest = "0x", performs }: ChosenAction, prover: Hex): bigint {
  const balance = model.balances.get(prover) ?? 0n;
  const state = model.requests.get(digest);
  const isPaid = state !== undefined && !state.fulfilled && performs?.do === "deliver";
  return isPaid ? balance + BigInt(state.request.offer.minPrice) : balance;
}
