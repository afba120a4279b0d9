// The environment that every service of the installation gets: the caller's, and the URLs, which carry secrets.
import { embeddedUrl } from "@tidegate/postgres";
import type { Installation } from "./command-input.ts";
import { chosenServices } from "./release.ts";

/** Makes the embedded PostgreSQL's password when there is none yet, so that the URL is known before the server runs. */
export async function serviceEnvironment(
  installation: Installation,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string | undefined>> {
  const { config, paths, ports } = installation;
  const url =
    config.database ??
    (chosenServices(config).includes("postgres")
      ? await embeddedUrl({ dataDir: paths.postgres, port: ports.postgres })
      : undefined);
  return {
    ...env,
    ...(url === undefined ? {} : { DATABASE_URL: url.reveal() }),
    ...(config.rpcUrls === undefined ? {} : { ETH_RPC_URL: config.rpcUrls.join(",") }),
    ...(config.logsRpcUrls === undefined ? {} : { LOGS_ETH_RPC_URL: config.logsRpcUrls.join(",") }),
  };
}
