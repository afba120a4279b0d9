// Looks at the blocks since the last look and ticks off what was mined; writes down what that shows.
import type { RpcClient } from "@tidegate/chain";
import { readChainBlocks, readHead, type ChainBlock } from "../chain-reading.ts";
import { LedgerOfAnotherChain, TrafficReverted } from "./errors.ts";
import type { LedgerWriter } from "./ledger.ts";
import type { LedgerAction } from "./ledger-line.ts";
import { placeOf, type TrafficState } from "./traffic-state.ts";

export interface FollowDeps {
  readonly rpc: RpcClient;
  readonly ledger: LedgerWriter;
  readonly ledgerPath: string;
  readonly state: TrafficState;
}

/** Blocks read in one go. */
const MAX_BLOCKS = 500;

/** Follows up to the head; throws TrafficReverted, after it is in the ledger, when an action reverted. */
export async function followChain(deps: FollowDeps): Promise<void> {
  const { rpc, state } = deps;
  const head = await readHead(rpc);
  // A head that went back is that of a chain that is being replayed: it is waited for.
  while (state.seen.number < head) {
    const to = Math.min(head, state.seen.number + MAX_BLOCKS);
    const blocks = await readChainBlocks(rpc, state.seen.number + 1, to);
    await tickOff(deps, blocks);
  }
}

async function tickOff({ ledger, ledgerPath, state }: FollowDeps, blocks: readonly ChainBlock[]): Promise<void> {
  const reverted: LedgerAction[] = [];
  let newest: LedgerAction | undefined;
  for (const block of blocks) {
    if (block.parentHash !== state.seen.hash) {
      const reason = `block ${state.seen.number} was ${state.seen.hash} and is ${block.parentHash}`;
      throw new LedgerOfAnotherChain({ path: ledgerPath, reason });
    }
    for (const transaction of block.transactions) {
      const action = state.underWay.get(placeOf(transaction))?.action;
      if (action === undefined) continue;
      state.underWay.delete(placeOf(transaction));
      newest = newest === undefined || action.seq > newest.seq ? action : newest;
      state.counts.mined += 1;
      if (transaction.succeeded) continue;
      reverted.push(action);
      state.counts.reverted += 1;
      await ledger.append({ kind: "reverted", seq: action.seq, block: block.number }, "flush");
    }
    state.seen = { number: block.number, hash: block.hash, timestamp: block.timestamp };
  }
  const { seq = -1 } = newest ?? {};
  if (seq >= 0 && [...state.underWay.values()].every(({ action }) => action.seq > seq)) {
    await ledger.append({ kind: "confirmed", seq, block: state.seen.number, blockHash: state.seen.hash }, "buffered");
  }
  if (reverted.length > 0) {
    throw new TrafficReverted({ seqs: reverted.map((action) => action.seq), block: state.seen.number });
  }
}
