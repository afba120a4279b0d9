// What the generator knows of the market: enough to never send a transaction that reverts. Collateral is exact; a balance is a
// lower bound, because the price of a lock depends on the second in which it is mined. The exact prover's balance is exact.
import type { Hex } from "@tidegate/chain";
import { clientOf } from "./make-agenda.ts";
import type { AgendaItem, LedgerAction, LedgerRequest } from "./ledger-line.ts";
import { lockDeadlineOf } from "./request-values.ts";

export interface ModelRequest {
  readonly digest: Hex;
  readonly request: LedgerRequest;
  readonly clientSignature: Hex;
  /** What is left to do; a request with nothing left is forgotten. */
  agenda: readonly AgendaItem[];
  lockProver: Hex | undefined;
  fulfilled: boolean;
  lateProver: Hex | undefined;
}

export interface MarketModel {
  readonly nonces: Map<Hex, number>;
  readonly balances: Map<Hex, bigint>;
  readonly collateral: Map<Hex, bigint>;
  /** By digest. */
  readonly requests: Map<Hex, ModelRequest>;
  /** Requests that a client ever made. */
  readonly indexes: Map<Hex, number>;
}

export function createMarketModel(): MarketModel {
  return { nonces: new Map(), balances: new Map(), collateral: new Map(), requests: new Map(), indexes: new Map() };
}

/** Follows one action, as if it were mined. `reverted`: it only used up its nonce. */
export function applyAction(model: MarketModel, action: LedgerAction, outcome: "done" | "reverted" = "done"): void {
  model.nonces.set(action.from, action.nonce + 1);
  if (action.request !== undefined) countRequest(model, action.request);
  if (outcome === "done") applyEffect(model, action);
  const performed = action.performs;
  const state = model.requests.get(performed?.digest ?? "0x");
  if (performed !== undefined && state !== undefined) {
    // Items before the one performed were missed.
    const index = state.agenda.findIndex((item) => item.do === performed.do);
    const isTakenOver = performed.do === "resubmit" && (action.agenda?.length ?? 0) > 0;
    state.agenda = index === -1 || isTakenOver || outcome === "reverted" ? [] : state.agenda.slice(index + 1);
  }
  for (const digest of [performed?.digest, action.digest]) {
    if (digest !== undefined && model.requests.get(digest)?.agenda.length === 0) model.requests.delete(digest);
  }
}

function applyEffect(model: MarketModel, action: LedgerAction): void {
  const value = BigInt(action.value ?? 0);
  switch (action.action) {
    case "deposit":
      add(model.balances, action.from, value);
      break;
    case "withdraw":
      add(model.balances, action.from, -value);
      break;
    case "depositCollateral":
      add(model.collateral, action.from, value);
      break;
    case "withdrawCollateral":
      add(model.collateral, action.from, -value);
      break;
    case "submitRequest":
      add(model.balances, action.from, value);
      remember(model, action);
      break;
    case "lockRequest":
      remember(model, action);
      applyLock(model, requestOf(model, action), action.from);
      break;
    case "fulfill":
    case "fulfillAndWithdraw":
      applyDelivery(model, requestOf(model, action), action);
      if (action.action === "fulfillAndWithdraw") model.balances.set(action.prover ?? action.from, 0n);
      break;
    case "slash":
      applySlash(model, requestOf(model, action));
      break;
  }
}

function applyLock(model: MarketModel, state: ModelRequest | undefined, prover: Hex): void {
  if (state === undefined) return;
  const { offer } = state.request;
  state.lockProver = prover;
  add(model.balances, clientOf(state.request), -BigInt(offer.maxPrice));
  add(model.collateral, prover, -BigInt(offer.lockCollateral));
}

function applyDelivery(model: MarketModel, state: ModelRequest | undefined, { at, prover, from }: LedgerAction): void {
  if (state === undefined || state.fulfilled) return;
  const { offer } = state.request;
  const paidTo = prover ?? from;
  state.fulfilled = true;
  if (state.lockProver === undefined) {
    add(model.balances, clientOf(state.request), -BigInt(offer.maxPrice));
    add(model.balances, paidTo, BigInt(offer.minPrice));
  } else if (BigInt(at) <= lockDeadlineOf(state.request)) {
    add(model.balances, paidTo, BigInt(offer.minPrice));
    add(model.collateral, paidTo, BigInt(offer.lockCollateral));
  } else {
    state.lateProver = paidTo;
  }
}

function applySlash(model: MarketModel, state: ModelRequest | undefined): void {
  if (state === undefined) return;
  const { transferred } = slashedAmounts(state.request);
  add(model.balances, clientOf(state.request), BigInt(state.request.offer.minPrice));
  if (state.lateProver !== undefined) add(model.collateral, state.lateProver, transferred);
}

/** Half is burned, rounded down; the rest goes on. */
export function slashedAmounts({ offer }: LedgerRequest): { readonly burned: bigint; readonly transferred: bigint } {
  const burned = (BigInt(offer.lockCollateral) * 5_000n) / 10_000n;
  return { burned, transferred: BigInt(offer.lockCollateral) - burned };
}

function remember(model: MarketModel, { digest, request, clientSignature, agenda }: LedgerAction): void {
  if (digest === undefined || request === undefined || agenda === undefined) return;
  const fresh = { lockProver: undefined, fulfilled: false, lateProver: undefined };
  model.requests.set(digest, { digest, request, clientSignature: clientSignature ?? "0x", agenda, ...fresh });
}

function countRequest(model: MarketModel, request: LedgerRequest): void {
  const client = clientOf(request);
  const index = Number(BigInt(request.id) & 0xffff_ffffn);
  model.indexes.set(client, Math.max(model.indexes.get(client) ?? 0, index + 1));
}

/** Undefined when the action that brought the request in reverted. */
function requestOf(model: MarketModel, action: LedgerAction): ModelRequest | undefined {
  return model.requests.get(action.digest ?? "0x");
}

function add(amounts: Map<Hex, bigint>, account: Hex, amount: bigint): void {
  amounts.set(account, (amounts.get(account) ?? 0n) + amount);
}
