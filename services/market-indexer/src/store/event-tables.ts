// The tables of the ten events, and the one of the proofs that deliveries carry.
import type { CopyEncoder } from "@tidegate/postgres";
import { FULFILLMENT_DATA_TYPES, MARKET_EVENT_NAMES, type MarketEventName } from "../decode/abi.ts";
import type { EventOf } from "../types.ts";
import { writeId, type CopyTable } from "./copy-table.ts";

const PLACE_COLUMNS = ["block_number", "log_index", "tx_hash", "block_timestamp"] as const;

/** A table of events of one name; the place on the chain stands in front. */
function eventTable<N extends MarketEventName>(
  name: string,
  columns: readonly string[],
  writeOwn: (to: CopyEncoder, event: EventOf<N>) => void,
): CopyTable<EventOf<N>> {
  return {
    name,
    columns: [...PLACE_COLUMNS, ...columns],
    write: (to, event) => {
      to.int8(event.place.blockNumber);
      to.int4(event.place.logIndex);
      to.bytea(event.place.txHash);
      to.int8(event.place.blockTimestamp);
      writeOwn(to, event);
    },
  };
}

type Transfer = "Deposit" | "Withdrawal" | "CollateralDeposit" | "CollateralWithdrawal";

function transferTable(name: string): CopyTable<EventOf<Transfer>> {
  return eventTable<Transfer>(name, ["account", "value"], (to, { args }) => {
    to.bytea(args.account);
    to.numeric(args.value);
  });
}

/** For each event the tables that it is stored in. */
export const eventTables: { readonly [N in MarketEventName]: readonly CopyTable<EventOf<N>>[] } = {
  RequestSubmitted: [
    eventTable<"RequestSubmitted">("request_submitted_events", ["request_digest", "request_id"], (to, event) => {
      to.bytea(event.digest);
      writeId(to, event.args.requestId);
    }),
  ],
  RequestLocked: [
    eventTable<"RequestLocked">(
      "request_locked_events",
      ["request_digest", "request_id", "prover_address"],
      (to, event) => {
        to.bytea(event.digest);
        writeId(to, event.args.requestId);
        to.bytea(event.args.prover);
      },
    ),
  ],
  RequestFulfilled: [
    eventTable<"RequestFulfilled">(
      "request_fulfilled_events",
      ["request_digest", "request_id", "prover_address"],
      (to, { args }) => {
        to.bytea(args.requestDigest);
        writeId(to, args.requestId);
        to.bytea(args.prover);
      },
    ),
  ],
  ProofDelivered: [
    eventTable<"ProofDelivered">(
      "proof_delivered_events",
      ["request_digest", "request_id", "prover_address"],
      (to, { args }) => {
        to.bytea(args.fulfillment.requestDigest);
        writeId(to, args.requestId);
        to.bytea(args.prover);
      },
    ),
    eventTable<"ProofDelivered">(
      "proofs",
      [
        "request_digest",
        "request_id",
        "prover_address",
        "claim_digest",
        "fulfillment_data_type",
        "fulfillment_data",
        "seal",
      ],
      (to, { args }) => {
        const { fulfillment } = args;
        to.bytea(fulfillment.requestDigest);
        writeId(to, args.requestId);
        to.bytea(args.prover);
        to.bytea(fulfillment.claimDigest);
        to.text(FULFILLMENT_DATA_TYPES[fulfillment.fulfillmentDataType] ?? "");
        to.bytea(fulfillment.fulfillmentData);
        to.bytea(fulfillment.seal);
      },
    ),
  ],
  ProverSlashed: [
    // prover_address is not in the event: see attribute-slashes.ts.
    eventTable<"ProverSlashed">(
      "prover_slashed_events",
      ["request_id", "burn_value", "transfer_value", "collateral_recipient"],
      (to, { args }) => {
        writeId(to, args.requestId);
        to.numeric(args.collateralBurned);
        to.numeric(args.collateralTransferred);
        to.bytea(args.collateralRecipient);
      },
    ),
  ],
  CallbackFailed: [
    eventTable<"CallbackFailed">(
      "callback_failed_events",
      ["request_id", "callback_address", "error_data"],
      (to, { args }) => {
        writeId(to, args.requestId);
        to.bytea(args.callback);
        to.bytea(args.error);
      },
    ),
  ],
  Deposit: [transferTable("deposit_events")],
  Withdrawal: [transferTable("withdrawal_events")],
  CollateralDeposit: [transferTable("collateral_deposit_events")],
  CollateralWithdrawal: [transferTable("collateral_withdrawal_events")],
};

/** The tables keyed by the place of an event, one for each name; what an event carries besides is not among them. */
export const EVENT_TABLE_NAMES: readonly string[] = MARKET_EVENT_NAMES.flatMap((name) =>
  eventTables[name].slice(0, 1).map((table) => table.name),
);
