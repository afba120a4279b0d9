// From a scanned log to its rows. Offsets are those of the ABI encoding; nothing is checked, since the chain is our own.
import { EVENT_NAMES, EVENT_TOPICS, type EventName } from "../market-events.ts";
import {
  beginRow,
  createEventContext,
  unpackLog,
  writeTopicAddress,
  type EventContext,
  type WriteEvent,
} from "./event-context.ts";
import type { ProbeRows } from "./probe-tables.ts";
import { u32 } from "./request-hash.ts";
import { hexNumber } from "./scan-logs.ts";
import { createRequestWriter } from "./write-request.ts";

const DATA_TYPES = ["None", "ImageIdAndJournal"];
const KINDS = new Map(EVENT_TOPICS.map((topic, kind) => [Number.parseInt(topic.slice(2, 10), 16), kind]));

export function createEventWriter(
  rows: ProbeRows,
  chain: { readonly chainId: number; readonly market: string },
): WriteEvent {
  const context = createEventContext(rows);
  const writers: Writers<EventName> = {
    ...carryingWriters(context, chain),
    ...deliveryWriters(context),
    ...transferWriters(context),
  };
  const kinds = EVENT_NAMES.map((name) => writers[name]);
  return (body, log, time) => {
    const topic0 = log.topics[0] ?? 0;
    const write = kinds[KINDS.get(hexNumber(body, topic0, topic0 + 8)) ?? -1];
    if (write === undefined) throw new RangeError(`log ${log.logIndex} of block ${log.blockNumber} is of no kind`);
    unpackLog(context, body, log);
    write(body, log, time);
  };
}

type Writers<N extends EventName> = Readonly<Record<N, WriteEvent>>;

function carryingWriters(
  context: EventContext,
  chain: { readonly chainId: number; readonly market: string },
): Writers<"RequestSubmitted" | "RequestLocked" | "ProverSlashed"> {
  const { rows, data, id } = context;
  const writeRequest = createRequestWriter(context, chain);
  const lockedBy = new Map<string, Buffer>();
  return {
    RequestSubmitted: (_body, log, time) => {
      const [start, signature] = [u32(data, 0), u32(data, 32)];
      const digest = writeRequest({ start, signature, source: "onchain" }, log, time);
      const to = rows.request_submitted_events;
      beginRow(context, to, log, time);
      to.bytes(digest, 0, 32);
      to.bytes(id, 0, 32);
    },
    RequestLocked: (_body, log, time) => {
      const [start, signature] = [u32(data, 32), u32(data, 64)];
      const digest = writeRequest({ start, signature, source: "unknown" }, log, time);
      const to = rows.request_locked_events;
      beginRow(context, to, log, time);
      to.bytes(digest, 0, 32);
      to.bytes(id, 0, 32);
      to.bytes(data, 12, 20);
      lockedBy.set(id.toString("latin1", 8, 32), Buffer.from(data.subarray(12, 32)));
    },
    ProverSlashed: (_body, log, time) => {
      const to = rows.prover_slashed_events;
      const prover = lockedBy.get(id.toString("latin1", 8, 32));
      beginRow(context, to, log, time);
      to.bytes(id, 0, 32);
      if (prover === undefined) to.null();
      else to.bytes(prover, 0, 20);
      to.numeric(data, 0);
      to.numeric(data, 32);
      to.bytes(data, 64 + 12, 20);
    },
  };
}

function deliveryWriters(context: EventContext): Writers<"RequestFulfilled" | "ProofDelivered" | "CallbackFailed"> {
  const { rows, data, id } = context;
  return {
    RequestFulfilled: (body, log, time) => {
      const to = rows.request_fulfilled_events;
      beginRow(context, to, log, time);
      to.bytes(data, 0, 32);
      to.bytes(id, 0, 32);
      writeTopicAddress(to, body, log, 2);
    },
    ProofDelivered: (body, log, time) => {
      const start = u32(data, 0);
      for (const to of [rows.proof_delivered_events, rows.proofs]) {
        beginRow(context, to, log, time);
        to.bytes(data, start + 32, 32);
        to.bytes(id, 0, 32);
        writeTopicAddress(to, body, log, 2);
      }
      const to = rows.proofs;
      to.bytes(data, start + 64, 32);
      to.text(DATA_TYPES[u32(data, start + 96)] ?? "");
      for (const field of [128, 160]) {
        const at = start + u32(data, start + field);
        to.bytes(data, at + 32, u32(data, at));
      }
    },
    CallbackFailed: (_body, log, time) => {
      const to = rows.callback_failed_events;
      const error = u32(data, 32);
      beginRow(context, to, log, time);
      to.bytes(id, 0, 32);
      to.bytes(data, 12, 20);
      to.bytes(data, error + 32, u32(data, error));
    },
  };
}

function transferWriters(
  context: EventContext,
): Writers<"Deposit" | "Withdrawal" | "CollateralDeposit" | "CollateralWithdrawal"> {
  const { rows, data } = context;
  const into =
    (to: ProbeRows[keyof ProbeRows]): WriteEvent =>
    (body, log, time) => {
      beginRow(context, to, log, time);
      writeTopicAddress(to, body, log, 1);
      to.numeric(data, 0);
    };
  return {
    Deposit: into(rows.deposit_events),
    Withdrawal: into(rows.withdrawal_events),
    CollateralDeposit: into(rows.collateral_deposit_events),
    CollateralWithdrawal: into(rows.collateral_withdrawal_events),
  };
}
