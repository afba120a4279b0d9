// The environment that every service of the installation gets: the caller's, and the URLs, which carry secrets.
import type { Secret } from "@tidegate/kernel";
import { embeddedUrl } from "@tidegate/postgres";
import type { Installation } from "./command-input.ts";
import type { OffPart } from "./off-part.ts";
import { chosenServices } from "./release.ts";
import { STORE_DATABASE } from "./service-specs.ts";

/** Makes the embedded PostgreSQL's password when there is none yet, so that the URL is known before the server runs. */
export async function serviceEnvironment(
  installation: Installation,
  env: Readonly<Record<string, string | undefined>>,
  off: readonly OffPart[],
): Promise<Record<string, string | undefined>> {
  const { config, paths, ports } = installation;
  const chosen = chosenServices(config, off);
  const embedded = async (database: string): Promise<Secret | undefined> =>
    chosen.includes("postgres") ? embeddedUrl({ dataDir: paths.postgres, port: ports.postgres, database }) : undefined;
  const url = config.database ?? (await embedded("tidegate"));
  const store = config.storeDatabase ?? (await embedded(STORE_DATABASE));
  const brokers = config.kafkaBrokers ?? (chosen.includes("kafka") ? `127.0.0.1:${ports.kafka}` : undefined);
  const redis =
    config.redisUrl?.reveal() ?? (chosen.includes("redis") ? `redis://127.0.0.1:${ports.redis}` : undefined);
  return {
    ...env,
    ...(url === undefined ? {} : { DATABASE_URL: url.reveal() }),
    ...(store === undefined ? {} : { BAZOOKA_DATABASE_URL: store.reveal() }),
    ...(brokers === undefined ? {} : { KAFKA_BROKER_URLS: brokers }),
    ...(redis === undefined ? {} : { REDIS_URL: redis }),
    BAZOOKA_MIGRATIONS_DIR: config.migrationsDir,
    ...(config.rpcUrls === undefined ? {} : { ETH_RPC_URL: config.rpcUrls.join(",") }),
    ...(config.logsRpcUrls === undefined ? {} : { LOGS_ETH_RPC_URL: config.logsRpcUrls.join(",") }),
  };
}
