// The release that a local installation runs: one manifest from the settings, under a tag that changes when code or settings do.
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ReleaseInput } from "@tidegate/workloads";
import type { InstallationPaths } from "./paths.ts";
import type { InstallationPorts } from "./ports.ts";
import { SERVICE_NAMES, type ServiceName } from "./service-names.ts";
import type { InstallationConfig } from "./settings.ts";

/** The market's address on the embedded chain: the first contract of the first development account. */
const EMBEDDED_MARKET = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
const EMBEDDED_CHAIN_ID = 31_337;

type ServiceSpec = ReleaseInput["services"][string];

export interface ReleasePlanInput {
  readonly config: InstallationConfig;
  readonly paths: InstallationPaths;
  readonly ports: InstallationPorts;
  readonly root: string;
  readonly node: string;
  readonly codeDigest: string;
}

/** The services of this installation: those asked for, less the embedded parts that a real one replaces. */
export function chosenServices(config: InstallationConfig): readonly ServiceName[] {
  const replaced = new Set<ServiceName>();
  if (config.database !== undefined) replaced.add("postgres");
  if (config.rpcUrl !== undefined) replaced.add("chain").add("traffic");
  return SERVICE_NAMES.filter((name) => !replaced.has(name) && (config.only?.includes(name) ?? true));
}

/** Pure: the manifest for the chosen services. Holds no secret; those travel in the environment of `tidegate up`. */
export function planRelease(input: ReleasePlanInput): ReleaseInput {
  const all = allSpecs(input);
  const chosen = chosenServices(input.config);
  const services = Object.fromEntries(
    chosen.map((name) => {
      const { startAfter = [], ...spec } = all[name];
      return [
        name,
        { ...spec, startAfter: startAfter.filter((other) => (chosen as readonly string[]).includes(other)) },
      ];
    }),
  );
  const secrets = createHash("sha256")
    .update(input.config.database?.reveal() ?? "")
    .digest("hex");
  const digest = createHash("sha256")
    .update(JSON.stringify([services, secrets, input.codeDigest]))
    .digest("hex");
  return { tag: `local-${digest.slice(0, 12)}`, services };
}

function allSpecs(input: ReleasePlanInput): Record<ServiceName, ServiceSpec> {
  const { config, paths, ports, root, node } = input;
  const run = (path: string, ...flags: string[]): string[] => [
    node,
    "--disable-warning=ExperimentalWarning",
    join(root, path),
    ...flags,
  ];
  const health = (port: number) => ({ url: `http://127.0.0.1:${port}/health` });
  const chainId = config.chainId ?? (config.rpcUrl === undefined ? EMBEDDED_CHAIN_ID : undefined);
  const rpcUrl = config.rpcUrl ?? `http://127.0.0.1:${ports.chain}`;
  const startBlock = config.startBlock ?? (config.rpcUrl === undefined ? 1n : undefined);
  const optional = (flag: string, value: unknown): string[] => (value === undefined ? [] : [flag, String(value)]);
  return {
    postgres: {
      command: run(
        "packages/parts/postgres/src/embedded/main.ts",
        "--data-dir",
        paths.postgres,
        "--port",
        String(ports.postgres),
      ),
      env: { TIDEGATE_POSTGRES_HEALTH_PORT: String(ports.postgresHealth) },
      health: { ...health(ports.postgresHealth), startLimitMs: 120_000 },
      drainLimitMs: 30_000,
    },
    chain: {
      command: run("examples/market/src/chain-main.ts", "--data-dir", paths.chain, "--port", String(ports.chain)),
      env: { TIDEGATE_CHAIN_HEALTH_PORT: String(ports.chainHealth) },
      health: { ...health(ports.chainHealth), startLimitMs: 300_000 },
      drainLimitMs: 30_000,
    },
    traffic: {
      command: run(
        "examples/market/src/traffic-main.ts",
        ...["--rpc-url", rpcUrl, "--ledger", paths.ledger],
        ...["--rate", String(config.trafficRate), "--seed", String(config.trafficSeed)],
      ),
      env: { TIDEGATE_TRAFFIC_HEALTH_PORT: String(ports.trafficHealth) },
      health: health(ports.trafficHealth),
      startAfter: ["chain"],
    },
    "market-indexer": {
      command: run(
        "services/market-indexer/src/main.ts",
        ...["--boundless-market-address", config.marketAddress ?? EMBEDDED_MARKET],
        ...["--interval", "1", ...optional("--start-block", startBlock)],
      ),
      port: ports.indexerHealth,
      env: {
        ...(config.rpcUrl === undefined ? { ETH_RPC_URL: rpcUrl } : {}),
        ...(chainId === undefined ? {} : { CHAIN_ID: String(chainId) }),
      },
      health: { path: "/health", startLimitMs: 60_000 },
      drainLimitMs: 15_000,
      startAfter: ["postgres", "chain"],
    },
    "market-api": {
      command: run("services/market-indexer/src/api/main.ts"),
      port: ports.marketApi,
      env: chainId === undefined ? {} : { CHAIN_ID: String(chainId) },
      health: { path: "/health" },
      startAfter: ["postgres", "market-indexer"],
    },
    operator: {
      command: run("apps/operator/src/main.ts"),
      port: ports.operator,
      env: {
        TIDEGATE_STATE_DIR: paths.state,
        TIDEGATE_RELEASES_DIR: paths.releases,
        MARKET_INDEXER_HEALTH_URL: `http://127.0.0.1:${ports.indexerHealth}/health`,
        ...(chainId === undefined ? {} : { CHAIN_ID: String(chainId) }),
      },
      health: { path: "/health" },
      startAfter: ["postgres"],
    },
  };
}
