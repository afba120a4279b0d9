// @ts-nocheck: checked only where the peer is installed.
/* oxlint-disable */
import { readFileSync } from "node:fs";
import { createConfig } from "ponder";

const { abi } = JSON.parse(readFileSync(process.env.MARKET_ABI, "utf8"));

export default createConfig({
  database: { kind: "postgres", connectionString: process.env.DATABASE_URL },
  chains: { local: { id: Number(process.env.CHAIN_ID), rpc: process.env.RPC_URL, maxRequestsPerSecond: 1000 } },
  contracts: {
    Market: {
      chain: "local",
      abi: abi.filter(({ type }) => type === "event"),
      address: process.env.MARKET,
      startBlock: Number(process.env.START_BLOCK),
      endBlock: Number(process.env.END_BLOCK),
    },
  },
});
