// The two chains of the indexer's benches.
export interface ChainShape {
  readonly name: string;
  readonly seed: number;
  /** Number of the genesis block: what is stored before it can be synthetic. */
  readonly genesis: number;
  /** Blocks with events. */
  readonly blocks: number;
  readonly eventsPerBlock: number;
  /** Seconds. */
  readonly blockTime: number;
}

/** A long history of ordinary blocks: 300,600 events. */
export const HISTORY: ChainShape = {
  name: "history",
  seed: 6,
  genesis: 20_000_000,
  blocks: 3_006,
  eventsPerBlock: 100,
  blockTime: 2,
};

/** Blocks as large as they get. */
export const LARGE_BLOCKS: ChainShape = {
  name: "large-blocks",
  seed: 7,
  genesis: 20_000_000,
  blocks: 60,
  eventsPerBlock: 5_000,
  blockTime: 12,
};

export const CHAIN_ID = 31_337;
