// How each process of an installation is run: one function a service, from the settings to the release's form.
import { join } from "node:path";
import { INDEXER_NODE_FLAGS } from "@tidegate/market-indexer/settings";
import type { ReleaseInput } from "@tidegate/workloads";
import type { InstallationPaths } from "./paths.ts";
import type { InstallationPorts } from "./ports.ts";
import type { ServiceName } from "./service-names.ts";
import type { InstallationConfig } from "./settings.ts";
import { tokensPath } from "./tokens.ts";

/** The market's address on the embedded chain: the first contract of the first development account. */
const EMBEDDED_MARKET = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
const EMBEDDED_CHAIN_ID = 31_337;

/** What Bazooka works on: a database of its own, beside the one that holds the engine's journal and the market. */
export const STORE_DATABASE = "indexer_store";

export interface SpecInput {
  readonly config: InstallationConfig;
  readonly paths: InstallationPaths;
  readonly ports: InstallationPorts;
  /** Absolute path of the checkout. */
  readonly root: string;
  /** Absolute path of the Node that runs the services. */
  readonly node: string;
}

type ServiceSpec = ReleaseInput["services"][string];

export const SERVICE_SPECS: Readonly<Record<ServiceName, (input: SpecInput) => ServiceSpec>> = {
  postgres: (input) => ({
    command: run(input, "packages/parts/postgres/src/embedded/main.ts", [
      "--data-dir",
      input.paths.postgres,
      "--port",
      String(input.ports.postgres),
      "--more-databases",
      STORE_DATABASE,
    ]),
    address: `127.0.0.1:${input.ports.postgres}`,
    env: { TIDEGATE_POSTGRES_HEALTH_PORT: String(input.ports.postgresHealth) },
    health: { url: healthUrl(input.ports.postgresHealth), startLimitMs: 120_000 },
    drainLimitMs: 30_000,
  }),

  chain: (input) => ({
    command: run(input, "examples/market/src/chain-main.ts", [
      "--data-dir",
      input.paths.chain,
      "--port",
      String(input.ports.chain),
    ]),
    address: `127.0.0.1:${input.ports.chain}`,
    env: { TIDEGATE_CHAIN_HEALTH_PORT: String(input.ports.chainHealth) },
    health: { url: healthUrl(input.ports.chainHealth), startLimitMs: 300_000 },
    drainLimitMs: 30_000,
  }),

  kafka: (input) => ({
    command: run(input, "packages/parts/kafka/src/embedded/main.ts", [
      "--data-dir",
      input.paths.kafka,
      "--port",
      String(input.ports.kafka),
      "--controller-port",
      String(input.ports.kafkaController),
    ]),
    address: `127.0.0.1:${input.ports.kafka}`,
    health: { url: `tcp://127.0.0.1:${input.ports.kafka}`, startLimitMs: 120_000 },
    drainLimitMs: 30_000,
  }),

  redis: (input) => ({
    command: run(input, "packages/parts/redis/src/embedded/main.ts", [
      "--data-dir",
      input.paths.redis,
      "--port",
      String(input.ports.redis),
    ]),
    address: `127.0.0.1:${input.ports.redis}`,
    health: { url: `tcp://127.0.0.1:${input.ports.redis}`, startLimitMs: 60_000 },
    drainLimitMs: 30_000,
  }),

  traffic: (input) => ({
    command: run(input, "examples/market/src/traffic-main.ts", [
      "--rpc-url",
      embeddedRpcUrl(input),
      "--ledger",
      input.paths.ledger,
      "--rate",
      String(input.config.trafficRate),
      "--seed",
      String(input.config.trafficSeed),
    ]),
    env: { TIDEGATE_TRAFFIC_HEALTH_PORT: String(input.ports.trafficHealth) },
    health: { url: healthUrl(input.ports.trafficHealth) },
    startAfter: ["chain"],
  }),

  "market-indexer": (input) => ({
    command: run({ ...input, nodeFlags: INDEXER_NODE_FLAGS }, "services/market-indexer/src/main.ts", [
      "--boundless-market-address",
      input.config.marketAddress ?? EMBEDDED_MARKET,
      "--interval",
      "1",
      ...startBlockFlag(input.config),
    ]),
    port: input.ports.indexerHealth,
    env: {
      ...chainIdVariable(input.config),
      ...(isEmbeddedChain(input.config) ? { ETH_RPC_URL: embeddedRpcUrl(input) } : {}),
    },
    health: { path: "/health", startLimitMs: 60_000 },
    drainLimitMs: 15_000,
    startAfter: ["postgres", "chain"],
  }),

  "market-api": (input) => ({
    command: run(input, "services/market-indexer/src/api/main.ts"),
    port: input.ports.marketApi,
    env: chainIdVariable(input.config),
    health: { path: "/health" },
    startAfter: ["postgres", "market-indexer"],
  }),

  operator: (input) => ({
    command: run(input, "apps/operator/src/main.ts"),
    port: input.ports.operator,
    env: {
      TIDEGATE_STATE_DIR: input.paths.state,
      TIDEGATE_TOKENS_FILE: tokensPath(input.paths.home),
      TIDEGATE_RELEASES_DIR: input.paths.releases,
      TIDEGATE_FUNCTIONS_DIR: input.paths.functions,
      AUXO_FLEETS_DIR: input.config.fleetsDir,
      AUXO_FLEET: "tidegate",
      MARKET_INDEXER_HEALTH_URL: healthUrl(input.ports.indexerHealth),
      ...chainIdVariable(input.config),
    },
    health: { path: "/health" },
    startAfter: ["postgres"],
  }),
};

function run(
  { node, root, nodeFlags = [] }: SpecInput & { readonly nodeFlags?: readonly string[] },
  program: string,
  flags: readonly string[] = [],
): string[] {
  return [node, "--disable-warning=ExperimentalWarning", ...nodeFlags, join(root, program), ...flags];
}

function isEmbeddedChain(config: InstallationConfig): boolean {
  return config.rpcUrls === undefined;
}

function embeddedRpcUrl({ ports }: SpecInput): string {
  return `http://127.0.0.1:${ports.chain}`;
}

function healthUrl(port: number): string {
  return `http://127.0.0.1:${port}/health`;
}

function chainIdVariable(config: InstallationConfig): Record<string, string> {
  const chainId = config.chainId ?? (isEmbeddedChain(config) ? EMBEDDED_CHAIN_ID : undefined);
  return chainId === undefined ? {} : { CHAIN_ID: String(chainId) };
}

/** The embedded chain is indexed from its beginning; a real one from its head unless told otherwise. */
function startBlockFlag(config: InstallationConfig): string[] {
  const startBlock = config.startBlock ?? (isEmbeddedChain(config) ? 1n : undefined);
  return startBlock === undefined ? [] : ["--start-block", String(startBlock)];
}
