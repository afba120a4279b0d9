// The protocol's IndexerOrder and what carries it. Source: the wire schema of dydxprotocol.indexer.protocol.v1 and off_chain_updates.

/** An unsigned 64-bit integer in two halves: exact, and cheaper to take apart than a bigint. */
export interface Uint64 {
  /** Low 32 bits, as the runtime's int32: what looks negative has the top bit set. */
  readonly low: number;
  /** High 32 bits, likewise. */
  readonly high: number;
}

export interface IndexerOrderId {
  readonly owner: string;
  /** uint32 */
  readonly subaccountNumber: number;
  /** fixed32 */
  readonly clientId: number;
  /** uint32 */
  readonly orderFlags: number;
  /** uint32 */
  readonly clobPairId: number;
}

export const SIDE = { BUY: 1, SELL: 2 } as const;

/** GTT is the protocol's UNSPECIFIED. */
export const TIME_IN_FORCE = { GTT: 0, IOC: 1, POST_ONLY: 2, FOK: 3 } as const;

export const CONDITION_TYPE = { UNSPECIFIED: 0, STOP_LOSS: 1, TAKE_PROFIT: 2 } as const;

export interface IndexerOrder {
  readonly id: IndexerOrderId;
  readonly side: number;
  readonly quantums: Uint64;
  readonly subticks: Uint64;
  /** uint32; exactly one of the two is given. */
  readonly goodTilBlock: number | undefined;
  /** fixed32, seconds since 1970. */
  readonly goodTilBlockTime: number | undefined;
  readonly timeInForce: number;
  readonly reduceOnly: boolean;
  /** uint32 */
  readonly clientMetadata: number;
  readonly conditionType: number;
  readonly triggerSubticks: Uint64;
  readonly builder: { readonly address: string; readonly feePpm: number } | undefined;
  readonly orderRouterAddress: string;
}
