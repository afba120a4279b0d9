// A market to index: the contract, its deployment, traffic with a ledger, and the rows that an indexer must come to.
export { readChainBlocks, readHead, type ChainBlock, type ChainTransaction } from "./chain-reading.ts";
export {
  DeployerWasUsed,
  deployMarket,
  isDeployed,
  MARKET_ADDRESS,
  REJECTING_CALLBACK_ADDRESS,
} from "./contract/deploy-market.ts";
export {
  createTraffic,
  type Traffic,
  type TrafficCounts,
  type TrafficEvent,
  type TrafficOptions,
} from "./traffic/create-traffic.ts";
export { AccountIsShared, LedgerOfAnotherChain, TrafficReverted } from "./traffic/errors.ts";
export { LedgerBroken, readLedger, type LedgerContent } from "./traffic/ledger.ts";
export type * from "./traffic/ledger-line.ts";
export { DEFAULT_MIX, mixForm, type Mix } from "./traffic/mix.ts";
export {
  expectedRows,
  LedgerContradicted,
  type AccountRow,
  type CallbackRow,
  type EventPlace,
  type ExpectedRows,
  type ProofRow,
  type ProverRow,
  type RequestRow,
  type SlashedRow,
  type SubmittedRow,
  type TransactionRow,
} from "./expected/expected-rows.ts";
export { toAbiFulfillment, toAbiRequest } from "./traffic/request-values.ts";
