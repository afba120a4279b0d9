// The next action: what a request waits for, or a new request, or somebody moves money. A pure choice: the same model, random
// numbers and time give the same action. Nothing is chosen that could miss its time on the way into a block.
import { bufferToHex, type Hex } from "@tidegate/chain";
import type { Random } from "@tidegate/kernel";
import { CLIENTS, EXACT_PROVER, PROVERS } from "../contract/dev-accounts.ts";
import { happens } from "./happens.ts";
import type { AgendaItem, LedgerAction, LedgerRequest } from "./ledger-line.ts";
import { makeAgenda, clientOf, pickProver, slashItem } from "./make-agenda.ts";
import { makeFulfillment } from "./make-fulfillment.ts";
import { alterOffer, makeRequest } from "./make-request.ts";
import type { MarketModel, ModelRequest } from "./market-model.ts";
import type { Mix } from "./mix.ts";

/** An action before it has a place: who does what, without the events that follow from it. */
export type ChosenAction = Omit<LedgerAction, "kind" | "seq" | "at" | "nonce" | "expected">;

export interface ChoiceDeps {
  readonly model: MarketModel;
  readonly random: Random;
  /** Time of the chain's head, unix seconds. */
  readonly now: number;
  readonly mix: Mix;
  readonly digestOf: (request: LedgerRequest) => Hex;
}

/** An action is mined at most so many seconds after the head at which it was chosen. */
export const MARGIN_SECONDS = 15;

/** With more requests than this under way, new ones wait. */
const MAX_REQUESTS = 300;

const GWEI = 1_000_000_000n;

export function chooseAction(deps: ChoiceDeps): ChosenAction {
  const { model, random, mix } = deps;
  for (const state of model.requests.values()) dropMissed(deps, state);
  if (happens(random, mix.accounts)) return accountAction(deps);
  const due = nextDue(deps);
  const isAhead = happens(random, mix.ahead) && model.requests.size < MAX_REQUESTS;
  const [item] = due?.agenda ?? [];
  if (due === undefined || item === undefined || isAhead) return newRequest(deps);
  return perform(deps, due, item);
}

/** The request whose next item has waited longest. */
function nextDue({ model, now }: ChoiceDeps): ModelRequest | undefined {
  let found: ModelRequest | undefined;
  let foundAt = Infinity;
  for (const state of model.requests.values()) {
    const notBefore = state.agenda[0]?.notBefore ?? Infinity;
    if (notBefore > now || notBefore >= foundAt) continue;
    found = state;
    foundAt = notBefore;
  }
  return found;
}

/** What can no longer be done in time is not done; a lock that nobody delivered for ends with a slash. */
function dropMissed({ model, now }: ChoiceDeps, state: ModelRequest): void {
  for (;;) {
    const [first, ...rest] = state.agenda;
    if (first === undefined) break;
    if (first.notAfter === null || now + MARGIN_SECONDS <= first.notAfter) return;
    if (first.do === "lock") state.agenda = [];
    else if (first.do === "deliver") state.agenda = state.lockProver === undefined ? [] : [slashItem(state.request)];
    else state.agenda = rest;
  }
  model.requests.delete(state.digest);
}

function newRequest(deps: ChoiceDeps): ChosenAction {
  const { model, random, now, mix, digestOf } = deps;
  const client = random.pick(CLIENTS);
  const isOdd = happens(random, mix.odd);
  const request = makeRequest(random, { client, index: model.indexes.get(client) ?? 0, now, mix, isOdd });
  const clientSignature = bufferToHex(random.bytes(random.pick([65, 65, 65, 65, 0, 200])));
  const facts = { requestId: request.id, digest: digestOf(request), request, clientSignature };
  if (isOdd) return { action: "submitRequest", from: client, ...facts, agenda: [] };

  const prover = pickProver(random, request);
  const canLock = missingFunds(deps, request, prover) === undefined;
  if (canLock && happens(random, mix.offchain)) {
    return {
      action: "lockRequest",
      from: prover,
      ...facts,
      agenda: makeAgenda(random, { request, now, mix, lockedBy: prover }),
    };
  }
  const agenda = makeAgenda(random, { request, now, mix });
  const value = happens(random, 25) ? { value: depositFor(random, request).toString() } : {};
  return { action: "submitRequest", from: client, ...facts, ...value, agenda };
}

function perform(deps: ChoiceDeps, state: ModelRequest, item: AgendaItem): ChosenAction {
  const { random } = deps;
  const { digest, request, clientSignature } = state;
  const facts = { requestId: request.id, digest, request, performs: { digest, do: item.do } };
  switch (item.do) {
    case "submit again":
      return { action: "submitRequest", from: item.by, ...facts, clientSignature };
    case "resubmit":
      return resubmit(deps, state, item);
    case "lock":
      return (
        missingFunds(deps, request, item.by) ?? { action: "lockRequest", from: item.by, ...facts, clientSignature }
      );
    case "slash":
      return { action: "slash", from: item.by, ...facts };
    case "deliver":
    case "deliver late":
    case "deliver again": {
      const isUnlocked = state.lockProver === undefined && !state.fulfilled;
      const missing = isUnlocked ? missingBalance(deps, request) : undefined;
      if (missing !== undefined) return missing;
      const withdraws = item.by === EXACT_PROVER && happens(random, 50);
      const fulfillment = makeFulfillment(random, request, digest);
      return {
        action: withdraws ? "fulfillAndWithdraw" : "fulfill",
        from: item.by,
        prover: item.by,
        ...facts,
        fulfillment,
      };
    }
  }
}

/** The same id with an altered offer. Either of the two goes on; the other one is left to expire. */
function resubmit({ random, digestOf }: ChoiceDeps, state: ModelRequest, item: AgendaItem): ChosenAction {
  const request = alterOffer(random, state.request);
  const takesOver = happens(random, 50);
  return {
    action: "submitRequest",
    from: item.by,
    requestId: request.id,
    digest: digestOf(request),
    request,
    clientSignature: bufferToHex(random.bytes(65)),
    agenda: takesOver ? state.agenda.slice(1) : [],
    performs: { digest: state.digest, do: item.do },
  };
}

/** Somebody moves money in or out. */
function accountAction({ model, random }: ChoiceDeps): ChosenAction {
  const from = random.pick([...CLIENTS, ...PROVERS]);
  const amount = BigInt(random.integer(1, 50_000_000)) * GWEI + BigInt(random.integer(0, 999));
  const balance = model.balances.get(from) ?? 0n;
  const collateral = model.collateral.get(from) ?? 0n;
  switch (random.pick(["deposit", "withdraw", "withdraw", "depositCollateral", "withdrawCollateral"])) {
    case "withdraw":
      if (balance > 0n) return { action: "withdraw", from, value: partOf(random, balance).toString() };
      return { action: "deposit", from, value: amount.toString() };
    case "depositCollateral":
      return { action: "depositCollateral", from, value: (amount * GWEI).toString() };
    case "withdrawCollateral":
      if (collateral > 0n) return { action: "withdrawCollateral", from, value: partOf(random, collateral).toString() };
      return { action: "depositCollateral", from, value: amount.toString() };
    default:
      return { action: "deposit", from, value: amount.toString() };
  }
}

/** What has to be paid in before this prover can lock this request. */
function missingFunds(deps: ChoiceDeps, request: LedgerRequest, prover: Hex): ChosenAction | undefined {
  const collateral = BigInt(request.offer.lockCollateral);
  if ((deps.model.collateral.get(prover) ?? 0n) < collateral) {
    const value = collateral * BigInt(deps.random.integer(1, 4));
    return { action: "depositCollateral", from: prover, value: value.toString() };
  }
  return missingBalance(deps, request);
}

function missingBalance({ model, random }: ChoiceDeps, request: LedgerRequest): ChosenAction | undefined {
  const client = clientOf(request);
  if ((model.balances.get(client) ?? 0n) >= BigInt(request.offer.maxPrice)) return undefined;
  return { action: "deposit", from: client, value: depositFor(random, request).toString() };
}

function depositFor(random: Random, { offer }: LedgerRequest): bigint {
  return BigInt(offer.maxPrice) * BigInt(random.integer(2, 10)) + 1n;
}

/** A share, from next to nothing to all. */
function partOf(random: Random, amount: bigint): bigint {
  return (amount * BigInt(random.integer(1, 100)) + 99n) / 100n;
}
