// The traffic generator: decides an action, writes it into the ledger, sends it, watches it being mined.
import { bufferToHex, getChainId, hexToBuffer, type Hex, type RpcClient } from "@tidegate/chain";
import { seededRandom, systemClock, type Clock, type Random } from "@tidegate/kernel";
import { MARKET_ADDRESS } from "../contract/deploy-market.ts";
import { requestDigester } from "../contract/market-abi.ts";
import { chooseAction } from "./choose-action.ts";
import { expectEvents } from "./expect-events.ts";
import { followChain } from "./follow-chain.ts";
import { openLedger } from "./ledger.ts";
import type { LedgerAction, LedgerRequest } from "./ledger-line.ts";
import { applyAction } from "./market-model.ts";
import { DEFAULT_MIX, type Mix } from "./mix.ts";
import { reconcile } from "./reconcile.ts";
import { toAbiRequest } from "./request-values.ts";
import { resumeTraffic } from "./resume-traffic.ts";
import { sendAction } from "./send-action.ts";

export interface TrafficOptions {
  /** A chain with the market deployed and anvil's unlocked accounts. */
  readonly rpc: RpcClient;
  readonly seed: number;
  /** Made if it is not there; else the traffic goes on from it. */
  readonly ledgerPath: string;
  /** Default DEFAULT_MIX. */
  readonly mix?: Mix;
  /** Mines a block at a time (unix seconds). Given: each step is a block, and the traffic drives the chain's time. */
  readonly mine?: (timestamp: number) => Promise<unknown>;
  readonly onEvent?: (event: TrafficEvent) => void;
  /** Default the system's. */
  readonly clock?: Clock;
}

export type TrafficEvent =
  | { readonly code: "traffic.resumed"; readonly actions: number; readonly underWay: number; readonly reverted: number }
  | { readonly code: "traffic.sent-again"; readonly sentAgain: number; readonly takenBack: number };

export interface TrafficCounts {
  /** In the ledger, without those taken back. */
  readonly actions: number;
  readonly mined: number;
  readonly underWay: number;
  readonly reverted: number;
  readonly void: number;
}

export interface Traffic {
  /**
   * With `mine`: a few actions and the block that mines them. Without: one action, or none while the chain stands still or has much
   * to mine. Returns how many actions were sent. Throws TrafficReverted, LedgerOfAnotherChain, and what the client throws.
   */
  step(): Promise<number>;
  /** Looks at the chain without sending anything new. */
  follow(): Promise<void>;
  counts(): TrafficCounts;
  close(): Promise<void>;
}

/** Actions on their way at which no new one is sent. */
const MAX_UNDER_WAY = 200;
/** Blocks after which something that is still on its way must have been lost. */
const LOST_AFTER_BLOCKS = 3;
/** A head older than this belongs to a chain that stands still. */
const STALE_AFTER_SECONDS = 5;

/** Opens or makes the ledger, and finds out what of it arrived on the chain. */
export async function createTraffic(options: TrafficOptions): Promise<Traffic> {
  const { rpc, seed, ledgerPath, mix = DEFAULT_MIX, mine, clock = systemClock } = options;
  const onEvent = options.onEvent ?? (() => undefined);
  const chainId = await getChainId({ client: rpc });
  const digest = requestDigester(chainId, hexToBuffer(MARKET_ADDRESS));
  const digestOf = (request: LedgerRequest): Hex => bufferToHex(digest(toAbiRequest(request)));
  const ledger = await openLedger(ledgerPath);
  const header = { kind: "market" as const, chainId: Number(chainId), market: MARKET_ADDRESS, seed };
  const state = await resumeTraffic({ rpc, ledger, ledgerPath, header, onEvent }).catch(async (error: unknown) => {
    await ledger.close();
    throw error;
  });
  const deps = { rpc, ledger, ledgerPath, market: MARKET_ADDRESS, state };

  const act = async (now: number): Promise<void> => {
    const seq = state.nextSeq;
    const { model } = state;
    const chosen = chooseAction({ model, random: randomAt(seed, seq), now, mix, digestOf });
    const nonce = model.nonces.get(chosen.from) ?? 0;
    const expected = expectEvents(model, chosen);
    const action: LedgerAction = { kind: "action", seq, at: now, nonce, ...chosen, expected };
    await ledger.append(action, "flush");
    state.nextSeq += 1;
    state.counts.actions += 1;
    applyAction(model, action);
    await sendAction(deps, action);
  };

  const follow = async (): Promise<void> => {
    await followChain(deps);
    const isLost = [...state.underWay.values()].some((one) => state.seen.number - one.sentAfter >= LOST_AFTER_BLOCKS);
    if (!state.isUncertain && !isLost) return;
    const outcome = await reconcile(deps);
    if (outcome.sentAgain + outcome.takenBack > 0) onEvent({ code: "traffic.sent-again", ...outcome });
  };

  const stepBlock = async (mineAt: (timestamp: number) => Promise<unknown>): Promise<number> => {
    await follow();
    const random = randomAt(~seed, state.seen.number);
    const count = random.integer(0, 6);
    const { timestamp } = state.seen;
    for (let index = 0; index < count; index++) await act(timestamp);
    await mineAt(timestamp + random.pick([1, 1, 2, 2, 3, 5, 12]));
    await follow();
    return count;
  };

  const stepLive = async (): Promise<number> => {
    await follow();
    const age = clock.now().getTime() / 1_000 - state.seen.timestamp;
    if (age > STALE_AFTER_SECONDS || state.underWay.size >= MAX_UNDER_WAY) return 0;
    await act(state.seen.timestamp);
    return 1;
  };

  return {
    step: () => (mine === undefined ? stepLive() : stepBlock(mine)),
    follow,
    counts: () => ({
      ...state.counts,
      actions: state.counts.actions - state.counts.void,
      underWay: state.underWay.size,
    }),
    close: () => ledger.close(),
  };
}

/** Each action has numbers of its own, so that a restart does not have to find its place in a sequence. */
function randomAt(seed: number, place: number): Random {
  return seededRandom((seed ^ Math.imul(place + 1, 0x9e3779b1)) >>> 0);
}
