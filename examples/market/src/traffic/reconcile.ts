// After a failed sending, or a restart of the chain, which forgets what waits to be mined: what did not arrive is sent again, in its
// order; or taken back, when by now it would come too late.
import type { RpcClient } from "@tidegate/chain";
import { readNonce } from "../chain-reading.ts";
import { MARGIN_SECONDS } from "./choose-action.ts";
import { readLedger, type LedgerWriter } from "./ledger.ts";
import type { LedgerAction } from "./ledger-line.ts";
import { deadlineOf, lockDeadlineOf } from "./request-values.ts";
import { sendAction, type SendDeps } from "./send-action.ts";
import { modelOf, placeOf } from "./traffic-state.ts";

export interface ReconcileDeps extends SendDeps {
  readonly rpc: RpcClient;
  readonly ledger: LedgerWriter;
  readonly ledgerPath: string;
}

/** Call it right after the chain was followed. */
export async function reconcile(
  deps: ReconcileDeps,
): Promise<{ readonly sentAgain: number; readonly takenBack: number }> {
  const { state } = deps;
  const lost = await findLost(deps);
  const late = lost.find((action) => !isTimely(action, state.seen.timestamp));
  const isRestLost = [...state.underWay.values()].every(
    ({ action }) => action.seq < (late?.seq ?? 0) || lost.includes(action),
  );
  let kept = lost;
  // What comes after a late action may build on it. If some of that did arrive, nothing can be taken back any more.
  if (late !== undefined && isRestLost) {
    kept = lost.filter((action) => action.seq < late.seq);
    await takeBack(deps, late.seq, lost);
  }
  for (const action of kept) await sendAction(deps, action);
  state.isUncertain = false;
  return { sentAgain: kept.length, takenBack: lost.length - kept.length };
}

/** What the chain has neither mined nor waiting. */
async function findLost({ rpc, state }: ReconcileDeps): Promise<LedgerAction[]> {
  const actions = [...state.underWay.values()].map(({ action }) => action);
  const accounts = [...new Set(actions.map((action) => action.from))];
  const nonces = new Map<string, number>();
  for (const account of accounts) nonces.set(account, await readNonce(rpc, account, "pending"));
  return actions.filter((action) => action.nonce >= (nonces.get(action.from) ?? 0)).toSorted((a, b) => a.seq - b.seq);
}

async function takeBack(
  { ledger, ledgerPath, state }: ReconcileDeps,
  from: number,
  lost: readonly LedgerAction[],
): Promise<void> {
  const taken = lost.filter((action) => action.seq >= from);
  await ledger.append({ kind: "void", from, to: taken.at(-1)?.seq ?? from }, "flush");
  for (const action of taken) state.underWay.delete(placeOf(action));
  state.counts.void += taken.length;
  state.model = modelOf(readLedger(ledgerPath));
}

/** Whether the action does what the ledger expects of it when it is mined within the margin. */
function isTimely(action: LedgerAction, now: number): boolean {
  const { request } = action;
  if (request === undefined) return true;
  const latest = BigInt(now + MARGIN_SECONDS);
  switch (action.performs?.do) {
    case undefined:
      return action.action !== "lockRequest" || latest <= lockDeadlineOf(request);
    case "lock":
    case "deliver":
      return latest <= lockDeadlineOf(request);
    case "deliver late":
    case "deliver again":
      return latest <= deadlineOf(request);
    case "submit again":
    case "resubmit":
    case "slash":
      return true;
  }
}
