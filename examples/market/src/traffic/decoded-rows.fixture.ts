// The rows of the event tables as ethers decodes them from the chain's logs: shares no code with the ledger or the product.
import { Interface, type Result } from "ethers";
import type { RpcClient } from "@tidegate/chain";
import market from "../../contracts/Market.json" with { type: "json" };
import { MARKET_ADDRESS } from "../contract/deploy-market.ts";

interface RawLog {
  readonly blockNumber: string;
  readonly logIndex: string;
  readonly transactionHash: string;
  readonly topics: string[];
  readonly data: string;
}

type Row = Readonly<Record<string, string | number>>;

const contract = new Interface(market.abi);

/** By event name, in the order of the chain: place and parameters. */
export async function decodedRows(rpc: RpcClient): Promise<Record<string, Row[]>> {
  const filter = { address: MARKET_ADDRESS, fromBlock: "0x0", toBlock: "latest" };
  const logs = await rpc.call("eth_getLogs", [filter], { parse: (result) => result as RawLog[] });
  const rows: Record<string, Row[]> = {};
  for (const log of logs) {
    const event = contract.parseLog(log);
    if (event === null) throw new Error(`unknown event ${log.topics[0]}`);
    const place = {
      block_number: Number(log.blockNumber),
      log_index: Number(log.logIndex),
      tx_hash: log.transactionHash,
    };
    (rows[event.name] ??= []).push({ ...place, ...columns(event.name, event.args) });
  }
  return rows;
}

function columns(name: string, args: Result): Row {
  const value = (field: string): string => String(args[field]).toLowerCase();
  const requestId = (): string => `0x${BigInt(value("requestId")).toString(16).padStart(64, "0")}`;
  switch (name) {
    case "RequestSubmitted":
      return { request_id: requestId() };
    case "RequestLocked":
      return { request_id: requestId(), prover_address: value("prover") };
    case "RequestFulfilled":
      return { request_id: requestId(), prover_address: value("prover"), request_digest: value("requestDigest") };
    case "ProofDelivered": {
      const fulfillment = args["fulfillment"] as Result;
      return {
        request_id: requestId(),
        prover_address: value("prover"),
        request_digest: String(fulfillment["requestDigest"]),
        claim_digest: String(fulfillment["claimDigest"]),
        fulfillment_data: String(fulfillment["fulfillmentData"]),
        seal: String(fulfillment["seal"]),
      };
    }
    case "CallbackFailed":
      return { request_id: requestId(), callback_address: value("callback"), error_data: value("failure") };
    case "ProverSlashed":
      return {
        request_id: requestId(),
        burn_value: value("collateralBurned"),
        transfer_value: value("collateralTransferred"),
        collateral_recipient: value("collateralRecipient"),
      };
    default:
      return { account: value("account"), value: value("value") };
  }
}
