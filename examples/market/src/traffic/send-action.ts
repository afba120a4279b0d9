// Sends an action of the ledger, once more if need be: its nonce keeps it from taking effect twice.
import { parseHash, RpcRefused, type Hex, type RpcClient } from "@tidegate/chain";
import { encodeAction } from "./encode-action.ts";
import type { LedgerAction } from "./ledger-line.ts";
import { placeOf, type TrafficState } from "./traffic-state.ts";

/** What anvil answers when it has the transaction already, waiting or mined. */
const HAS_IT = /already (?:imported|known)|nonce too low/i;

export interface SendDeps {
  readonly rpc: RpcClient;
  readonly market: Hex;
  readonly state: TrafficState;
}

export async function sendAction({ rpc, market, state }: SendDeps, action: LedgerAction): Promise<void> {
  state.underWay.set(placeOf(action), { action, sentAfter: state.seen.number });
  const isUncertain = state.isUncertain;
  state.isUncertain = true;
  try {
    const parse = (hash: unknown): Hex => parseHash(hash, "the transaction's hash");
    await rpc.call("eth_sendTransaction", [encodeAction(market, action)], { parse });
  } catch (error) {
    if (!(error instanceof RpcRefused) || !HAS_IT.test(error.rpcMessage)) throw error;
  }
  state.isUncertain = isUncertain;
}
