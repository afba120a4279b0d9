// The settings' names are a contract: each flag and variable of the original is known.
import { ConfigInvalid } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import { indexerSettings, readConfig } from "./config.ts";

const MARKET = "0xFD152DADC5183870710FE54F939EAE3AB9F0FE82";
const required = {
  ETH_RPC_URL: "http://127.0.0.1:8545",
  BOUNDLESS_MARKET_ADDRESS: MARKET,
  DATABASE_URL: "postgres://me:hunter2@127.0.0.1/market",
};

function refusal(argv: readonly string[], env: Record<string, string> = required): string {
  try {
    readConfig({ argv, env });
  } catch (error) {
    if (error instanceof ConfigInvalid) return `${error.exit} ${error.message}`;
    throw error;
  }
  return "(accepted)";
}

describe("readConfig", () => {
  it("has the defaults of the original", () => {
    const { config, inertGiven } = readConfig({ argv: [], env: required });
    expect(config).toMatchObject({
      rpcUrls: ["http://127.0.0.1:8545"],
      logsRpcUrls: undefined,
      marketAddress: MARKET.toLowerCase(),
      intervalSeconds: 3,
      retries: 10,
      batchSize: 9999,
      blockDelay: 0,
      poolSize: 20,
      txFetchStrategy: "tx-by-hash",
      logJson: true,
      startBlock: undefined,
      endBlock: undefined,
      chainId: undefined,
    });
    expect(inertGiven).toEqual([]);
  });

  it.each([
    ["ETH_RPC_URL", "RPC_URL"],
    ["BOUNDLESS_MARKET_ADDRESS", "BOUNDLESS_MARKET_ADDR"],
    ["BOUNDLESS_MARKET_ADDRESS", "BOUNDLESS_ADDRESS"],
  ] as const)("takes the alias of %s: %s", (name, alias) => {
    const { [name]: value, ...others } = required;
    expect(readConfig({ argv: [], env: { ...others, [alias]: value } }).config).toEqual(
      readConfig({ argv: [], env: required }).config,
    );
  });

  it.each(["LOGS_ETH_RPC_URL", "LOGS_RPC_URL"])("takes %s for the logs alone", (name) => {
    const { config } = readConfig({ argv: [], env: { ...required, [name]: "http://127.0.0.1:8546" } });
    expect(config.logsRpcUrls).toEqual(["http://127.0.0.1:8546"]);
  });

  it.each(["tx-by-hash", "block-receipts"])("takes the strategy %s", (strategy) => {
    expect(readConfig({ argv: ["--tx-fetch-strategy", strategy], env: required }).config.txFetchStrategy).toBe(
      strategy,
    );
    const { config } = readConfig({ argv: [], env: { ...required, TX_FETCH_STRATEGY: strategy } });
    expect(config.txFetchStrategy).toBe(strategy);
  });

  it("refuses what is not usable, each problem named, with exit code 64", () => {
    expect(refusal(["--intervall", "3"])).toMatch(/^64 .*--intervall: is not a known flag; did you mean --interval/);
    expect(refusal(["--boundless-market-address", "0x12"])).toMatch(/must be an address/);
    expect(refusal(["--tx-fetch-strategy", "by-magic"])).toMatch(/must be tx-by-hash or block-receipts/);
    expect(refusal(["--interval", "0"])).toMatch(/whole number from 1 to 3600/);
    expect(refusal(["--start-block", "-1"])).toMatch(/must be a block number/);
    expect(refusal([], {})).toMatch(/3 settings.*rpcUrls.*marketAddress.*database/);
  });

  it("never shows a secret in a refusal", () => {
    expect(refusal(["--db", "mysql://me:hunter2@h/d"])).not.toContain("hunter2");
    expect(refusal(["--rpc-url", "ftp://host/apikey123"])).not.toContain("apikey123");
  });

  it("knows every later flag by name and tells that it has no effect", () => {
    const later = Object.values(indexerSettings).flatMap((one) =>
      one.inert === undefined || !("flag" in one) ? [] : [one.flag],
    );
    expect(later.toSorted()).toEqual([
      "aggregation-interval",
      "bento-api-key",
      "bento-api-url",
      "bento-retry-count",
      "bento-retry-sleep-ms",
      "cache-uri",
      "epoch0-start-time",
      "execution-interval",
      "max-concurrent-executing",
      "max-retries",
      "max-status-queries",
      "retry-base-delay-secs",
      "retry-max-delay-secs",
    ]);
    const { inertGiven } = readConfig({ argv: ["--cache-uri", "file:///tmp/x"], env: required });
    expect(inertGiven).toMatchObject([{ name: "cacheUri", source: "--cache-uri", inert: "the cache of raw logs" }]);
  });
});
