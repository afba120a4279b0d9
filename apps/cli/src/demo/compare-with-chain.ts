// Compares the ten event tables with the chain's own logs, place by place, knowing nothing of the product's decoder.
import type { Check } from "./chapter.ts";
import type { OutsideClients } from "./outside-clients.ts";

interface EventTable {
  readonly event: string;
  readonly topic0: string;
  readonly table: string;
  /** The column that holds the event's first indexed value. */
  readonly column: "request_id" | "account";
}

/** The event hashes are public knowledge (keccak-256 of the signatures), written out so that this check computes nothing with our code. */
export const EVENT_TABLES: readonly EventTable[] = [
  {
    event: "RequestSubmitted",
    topic0: "0xc354af001adff0e8c35481c5ce3df3edee370c71572514d281e884c8cb552203",
    table: "request_submitted_events",
    column: "request_id",
  },
  {
    event: "RequestLocked",
    topic0: "0xe5e43c93dc0ec595ed3b122bdc6d39a480e9d17fb6812e0f90cfc4ba33b0969e",
    table: "request_locked_events",
    column: "request_id",
  },
  {
    event: "RequestFulfilled",
    topic0: "0x120ea8d7610aa46e4a31b254c5d07489ebe8f1a93dc7bbbe60eaf3db2c62c0cc",
    table: "request_fulfilled_events",
    column: "request_id",
  },
  {
    event: "ProofDelivered",
    topic0: "0xaf1db8f86d3f32029a484ff54c7ac1d7ef8f038ab050fc065af9e82eb9b850ca",
    table: "proof_delivered_events",
    column: "request_id",
  },
  {
    event: "ProverSlashed",
    topic0: "0x79ca7c80cf57b513ffdf8aa37ec70e40757f5e0d35219241860bb4b4c2fa7616",
    table: "prover_slashed_events",
    column: "request_id",
  },
  {
    event: "CallbackFailed",
    topic0: "0x5c5960582bfc7a494183b4e9a66bfe8ecffc07a83a48d136e732400f7b98bf50",
    table: "callback_failed_events",
    column: "request_id",
  },
  {
    event: "Deposit",
    topic0: "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c",
    table: "deposit_events",
    column: "account",
  },
  {
    event: "Withdrawal",
    topic0: "0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65",
    table: "withdrawal_events",
    column: "account",
  },
  {
    event: "CollateralDeposit",
    topic0: "0xf645c19720906ca336d36d26058a9489c6c757fe35843b75a74e3b8aa972ecf5",
    table: "collateral_deposit_events",
    column: "account",
  },
  {
    event: "CollateralWithdrawal",
    topic0: "0xa315121c7f539fd811176ad2735d5d3981237b261889ec13ae4d617ad06e39bc",
    table: "collateral_withdrawal_events",
    column: "account",
  },
];

interface Log {
  readonly blockNumber: string;
  readonly logIndex: string;
  readonly transactionHash: string;
  readonly topics: readonly string[];
}

export interface ComparedPlaces {
  readonly rpcUrl: string;
  readonly databaseUrl: string;
  readonly market: string;
  /** Blocks from 0 to this one are compared. */
  readonly lastBlock: number;
}

/** One check per event: the set of (block, log index, transaction, first indexed value) is the same on the chain and in its table. */
export async function compareWithChain(clients: OutsideClients, places: ComparedPlaces): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const one of EVENT_TABLES) {
    const filter = {
      address: places.market,
      topics: [one.topic0],
      fromBlock: "0x0",
      toBlock: `0x${places.lastBlock.toString(16)}`,
    };
    const logs = (await clients.rpc(places.rpcUrl, "eth_getLogs", [filter])) as readonly Log[];
    const onChain = logs.map((log) =>
      [Number(log.blockNumber), Number(log.logIndex), log.transactionHash.slice(2), firstIndexed(log, one.column)].join(
        " ",
      ),
    );
    const stored = await clients.sql(
      places.databaseUrl,
      `select block_number, log_index, encode(tx_hash, 'hex'), encode(${one.column}, 'hex') from ${one.table}
       where block_number <= ${places.lastBlock} order by block_number, log_index`,
    );
    checks.push(
      compare(
        one,
        onChain,
        stored.map((row) => row.join(" ")),
      ),
    );
  }
  return checks;
}

function firstIndexed(log: Log, column: EventTable["column"]): string {
  const topic = (log.topics[1] ?? "").slice(2);
  return column === "account" ? topic.slice(24) : topic;
}

function compare(one: EventTable, onChain: readonly string[], stored: readonly string[]): Check {
  const rows = new Set(stored);
  const missing = onChain.filter((log) => !rows.delete(log)).length;
  const doubled = stored.length - new Set(stored).size;
  const holds = missing === 0 && rows.size === 0 && doubled === 0;
  const seen = `${onChain.length} on the chain, ${stored.length} rows`;
  return {
    claim: `every ${one.event} on the chain is one row of ${one.table}`,
    holds,
    seen: holds ? seen : `${seen}; ${missing} missing, ${rows.size} too many, ${doubled} doubled`,
  };
}
