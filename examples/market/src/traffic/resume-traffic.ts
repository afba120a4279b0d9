// From a ledger, perhaps an empty one, and the chain to the state in which the generator goes on.
import type { Hex, RpcClient } from "@tidegate/chain";
import { readChainBlocks, readHead, readNonce } from "../chain-reading.ts";
import type { TrafficEvent } from "./create-traffic.ts";
import { AccountIsShared, LedgerOfAnotherChain, TrafficReverted } from "./errors.ts";
import { followChain } from "./follow-chain.ts";
import { readLedger, type LedgerContent, type LedgerWriter } from "./ledger.ts";
import type { LedgerHeader } from "./ledger-line.ts";
import { modelOf, placeOf, type TrafficState } from "./traffic-state.ts";
import { CLIENTS, PROVERS, WATCHER } from "../contract/dev-accounts.ts";

export interface ResumeDeps {
  readonly rpc: RpcClient;
  readonly ledger: LedgerWriter;
  readonly ledgerPath: string;
  readonly header: LedgerHeader;
  readonly onEvent: (event: TrafficEvent) => void;
}

export async function resumeTraffic(deps: ResumeDeps): Promise<TrafficState> {
  const { rpc, ledger, ledgerPath, header, onEvent } = deps;
  const content = readLedger(ledgerPath);
  checkHeader(deps, content);
  if (content.header === undefined) await ledger.append(header, "flush");
  const state = await stateOf(deps, content);
  const follow = { rpc, ledger, ledgerPath, state };
  try {
    await followChain(follow);
  } catch (error) {
    // It is in the ledger now; the rest of this goes on from what did happen.
    if (!(error instanceof TrafficReverted)) throw error;
    await followChain(follow);
  }
  state.model = modelOf(readLedger(ledgerPath));
  await checkNonces(rpc, state);
  // Whatever is not mined may have been lost with the process that sent it.
  state.isUncertain = state.underWay.size > 0;
  const { actions, reverted } = state.counts;
  onEvent({ code: "traffic.resumed", actions, underWay: state.underWay.size, reverted });
  return state;
}

function checkHeader({ header, ledgerPath: path }: ResumeDeps, content: LedgerContent): void {
  const found = content.header;
  if (found === undefined) return;
  if (found.chainId !== header.chainId || found.market !== header.market) {
    const reason = `it is about market ${found.market} on chain ${found.chainId}`;
    throw new LedgerOfAnotherChain({ path, reason });
  }
}

async function stateOf({ rpc, ledgerPath: path }: ResumeDeps, content: LedgerContent): Promise<TrafficState> {
  const { actions, confirmed, revertedSeqs, nextSeq } = content;
  const number = confirmed?.block ?? 0;
  const head = await readHead(rpc);
  if (head < number)
    throw new LedgerOfAnotherChain({ path, reason: `it knows of block ${number}, the head is ${head}` });
  const [block] = await readChainBlocks(rpc, number, number);
  const hash: Hex = block?.hash ?? "0x";
  if (confirmed !== undefined && hash !== confirmed.blockHash) {
    throw new LedgerOfAnotherChain({ path, reason: `block ${number} was ${confirmed.blockHash} and is ${hash}` });
  }
  const open = actions.filter((action) => action.seq > (confirmed?.seq ?? -1) && !revertedSeqs.has(action.seq));
  return {
    model: modelOf(content),
    nextSeq,
    underWay: new Map(open.map((action) => [placeOf(action), { action, sentAfter: number }])),
    isUncertain: false,
    seen: { number, hash, timestamp: block?.timestamp ?? 0 },
    counts: {
      actions: actions.length,
      mined: actions.length - open.length,
      reverted: revertedSeqs.size,
      void: 0,
    },
  };
}

async function checkNonces(rpc: RpcClient, { model }: TrafficState): Promise<void> {
  for (const account of [...CLIENTS, ...PROVERS, WATCHER]) {
    const onChain = await readNonce(rpc, account, "pending");
    const inLedger = model.nonces.get(account) ?? 0;
    if (onChain > inLedger) throw new AccountIsShared({ account, onChain, inLedger });
  }
}
