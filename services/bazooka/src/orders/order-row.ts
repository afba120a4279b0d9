// An open stateful order as it lies in the store, joined with its subaccount and its market.

/** Integers and decimals as text, as PostgreSQL gives them: nothing is lost on the way. */
export interface OrderRow {
  readonly id: string;
  readonly clientId: string;
  readonly clobPairId: string;
  readonly orderFlags: string;
  readonly clientMetadata: string;
  readonly side: string;
  readonly size: string;
  readonly totalFilled: string;
  readonly price: string;
  readonly type: string;
  readonly timeInForce: string;
  readonly reduceOnly: boolean;
  readonly goodTilBlock: string | null;
  /** Whole seconds since 1970, rounded down. */
  readonly goodTilBlockTime: string | null;
  readonly triggerPrice: string | null;
  readonly builderAddress: string | null;
  readonly feePpm: string | null;
  readonly orderRouterAddress: string | null;
  /** Null when the subaccount is not there. */
  readonly owner: string | null;
  readonly subaccountNumber: number | null;
  /** Null when no market has the order's clobPairId. */
  readonly atomicResolution: number | null;
  readonly quantumConversionExponent: number | null;
}
