// The rows that an indexer must come to, from the ledger and the mined blocks alone: no log is decoded for them. Which transaction is
// whose follows from sender and nonce, where a log stands from the number of logs before it in its block.
import type { Hex } from "@tidegate/chain";
import { TidegateError } from "@tidegate/kernel";
import type { ChainBlock, ChainTransaction } from "../chain-reading.ts";
import type { LedgerContent } from "../traffic/ledger.ts";
import type { ExpectedEvent, LedgerAction } from "../traffic/ledger-line.ts";
import { placeOf } from "../traffic/traffic-state.ts";
import { requestColumns, FULFILLMENT_DATA_TYPES, type RequestColumns } from "./request-columns.ts";

/** Where an event stands. Numbers are numbers, bytes are "0x…" in lower case, amounts are decimal strings, here and below. */
export interface EventPlace {
  readonly block_number: number;
  readonly log_index: number;
  readonly tx_hash: Hex;
  readonly block_timestamp: number;
}

export type SubmittedRow = EventPlace & { readonly request_digest: Hex; readonly request_id: Hex };
export type ProverRow = SubmittedRow & { readonly prover_address: Hex };
export type ProofRow = ProverRow & {
  readonly claim_digest: Hex;
  readonly fulfillment_data_type: "None" | "ImageIdAndJournal";
  readonly fulfillment_data: Hex;
  readonly seal: Hex;
};
export type CallbackRow = EventPlace & {
  readonly request_id: Hex;
  readonly callback_address: Hex;
  readonly error_data: Hex;
};
export type SlashedRow = EventPlace & {
  readonly request_id: Hex;
  readonly prover_address: Hex;
  readonly burn_value: string;
  readonly transfer_value: string;
  readonly collateral_recipient: Hex;
};
export type AccountRow = EventPlace & { readonly account: Hex; readonly value: string };
export type RequestRow = RequestColumns & { readonly source: "onchain" | "unknown" } & EventPlace;

/** By the names of the indexer's tables, each in the order of the chain. */
export interface ExpectedRows {
  readonly request_submitted_events: SubmittedRow[];
  readonly request_locked_events: ProverRow[];
  readonly request_fulfilled_events: ProverRow[];
  readonly proof_delivered_events: ProverRow[];
  readonly proofs: ProofRow[];
  readonly callback_failed_events: CallbackRow[];
  readonly prover_slashed_events: SlashedRow[];
  readonly deposit_events: AccountRow[];
  readonly withdrawal_events: AccountRow[];
  readonly collateral_deposit_events: AccountRow[];
  readonly collateral_withdrawal_events: AccountRow[];
  /** By digest: the first submission, else the first lock. */
  readonly proof_requests: RequestRow[];
  /** Transactions that emitted an event. */
  readonly transactions: TransactionRow[];
}

export interface TransactionRow {
  readonly tx_hash: Hex;
  readonly block_number: number;
  readonly transaction_index: number;
  readonly from_address: Hex;
  readonly block_timestamp: number;
}

export class LedgerContradicted extends TidegateError {
  override readonly name = "LedgerContradicted";
  constructor(facts: { seq: number; reason: string }) {
    super({
      code: "market.ledger-contradicted",
      message: `The chain contradicts action ${facts.seq} of the ledger: ${facts.reason}.`,
      remedy: "Report the seed and the ledger: the traffic generator misjudged the market's rules.",
      details: facts,
    });
  }
}

/** Rows for the actions that these blocks hold; an action that is not in them gives none. Throws LedgerContradicted. */
export function expectedRows(ledger: Pick<LedgerContent, "actions">, blocks: readonly ChainBlock[]): ExpectedRows {
  const actions = new Map(ledger.actions.map((action) => [placeOf(action), action]));
  const rows = noRows();
  const requests = new Map<Hex, RequestRow>();
  for (const block of blocks) {
    let logIndex = 0;
    for (const transaction of block.transactions) {
      const action = actions.get(placeOf(transaction));
      if (action !== undefined) addTransaction(rows, requests, { action, block, transaction, logIndex });
      logIndex += transaction.logs;
    }
  }
  rows.proof_requests.push(...requests.values());
  return rows;
}

interface Mined {
  readonly action: LedgerAction;
  readonly block: ChainBlock;
  readonly transaction: ChainTransaction;
  /** Of its first log. */
  readonly logIndex: number;
}

function addTransaction(rows: ExpectedRows, requests: Map<Hex, RequestRow>, mined: Mined): void {
  const { action, block, transaction, logIndex } = mined;
  const expected = transaction.succeeded ? action.expected : [];
  if (transaction.logs !== expected.length) {
    const reason = `${expected.length} events were expected, its transaction emitted ${transaction.logs}`;
    throw new LedgerContradicted({ seq: action.seq, reason });
  }
  if (expected.length === 0) return;
  const at = { tx_hash: transaction.hash, block_number: block.number, block_timestamp: block.timestamp };
  rows.transactions.push({ ...at, transaction_index: transaction.index, from_address: transaction.from });
  expected.forEach((event, offset) => {
    const place: EventPlace = { ...at, log_index: logIndex + offset };
    addEvent(rows, place, event);
    addRequest(requests, place, event, action);
  });
}

function addEvent(rows: ExpectedRows, place: EventPlace, event: ExpectedEvent): void {
  switch (event.event) {
    case "RequestSubmitted":
      rows.request_submitted_events.push({ ...place, request_digest: event.digest, request_id: event.requestId });
      break;
    case "RequestLocked":
      rows.request_locked_events.push(proverRow(place, event.digest, event));
      break;
    case "RequestFulfilled":
      rows.request_fulfilled_events.push(proverRow(place, event.digest, event));
      break;
    case "ProofDelivered": {
      const row = proverRow(place, event.fulfillment.requestDigest, event);
      rows.proof_delivered_events.push(row);
      rows.proofs.push({
        ...row,
        claim_digest: event.fulfillment.claimDigest,
        fulfillment_data_type: FULFILLMENT_DATA_TYPES[event.fulfillment.fulfillmentDataType] ?? "None",
        fulfillment_data: event.fulfillment.fulfillmentData,
        seal: event.fulfillment.seal,
      });
      break;
    }
    case "CallbackFailed":
      rows.callback_failed_events.push({
        ...place,
        request_id: event.requestId,
        callback_address: event.callback,
        error_data: event.failure,
      });
      break;
    case "ProverSlashed":
      rows.prover_slashed_events.push({
        ...place,
        request_id: event.requestId,
        prover_address: event.lockProver,
        burn_value: event.burned,
        transfer_value: event.transferred,
        collateral_recipient: event.recipient,
      });
      break;
    case "Deposit":
    case "Withdrawal":
    case "CollateralDeposit":
    case "CollateralWithdrawal":
      accountRows(rows, event.event).push({ ...place, account: event.account, value: event.value });
  }
}

function proverRow(
  place: EventPlace,
  digest: Hex,
  event: { readonly requestId: Hex; readonly prover: Hex },
): ProverRow {
  return { ...place, request_digest: digest, request_id: event.requestId, prover_address: event.prover };
}

function accountRows(
  rows: ExpectedRows,
  event: "Deposit" | "Withdrawal" | "CollateralDeposit" | "CollateralWithdrawal",
): AccountRow[] {
  switch (event) {
    case "Deposit":
      return rows.deposit_events;
    case "Withdrawal":
      return rows.withdrawal_events;
    case "CollateralDeposit":
      return rows.collateral_deposit_events;
    case "CollateralWithdrawal":
      return rows.collateral_withdrawal_events;
  }
}

/** The earliest submission wins, however late it comes; without one, the earliest lock. */
function addRequest(
  requests: Map<Hex, RequestRow>,
  place: EventPlace,
  event: ExpectedEvent,
  { request, clientSignature }: LedgerAction,
): void {
  if (event.event !== "RequestSubmitted" && event.event !== "RequestLocked") return;
  if (request === undefined) return;
  const source = event.event === "RequestSubmitted" ? "onchain" : "unknown";
  const known = requests.get(event.digest);
  if (known !== undefined && (known.source === "onchain" || source === "unknown")) return;
  const columns = requestColumns(event.digest, request, clientSignature ?? "0x", place.block_timestamp);
  requests.set(event.digest, { ...columns, source, ...place });
}

function noRows(): ExpectedRows {
  return {
    request_submitted_events: [],
    request_locked_events: [],
    request_fulfilled_events: [],
    proof_delivered_events: [],
    proofs: [],
    callback_failed_events: [],
    prover_slashed_events: [],
    deposit_events: [],
    withdrawal_events: [],
    collateral_deposit_events: [],
    collateral_withdrawal_events: [],
    proof_requests: [],
    transactions: [],
  };
}
