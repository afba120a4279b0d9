// The URL of an embedded server before it runs, for who must tell other processes beforehand.
import { Secret } from "@tidegate/kernel";
import { clusterPassword, ROLE } from "./cluster-password.ts";
import { placeCluster } from "./cluster-place.ts";
import { serverAccount } from "./server-account.ts";

export interface EmbeddedUrlOptions {
  /** As for `startEmbedded`; made when missing. */
  readonly dataDir: string;
  readonly port: number;
  /** Default "tidegate". */
  readonly database?: string;
}

/** The URL that `startEmbedded` will serve; makes the password when there is none yet. Throws PostgresDataDirUnusable. */
export async function embeddedUrl(options: EmbeddedUrlOptions): Promise<Secret> {
  const place = await placeCluster(options.dataDir, await serverAccount());
  const password = await clusterPassword(place);
  return new Secret(
    `postgres://${ROLE}:${encodeURIComponent(password)}@127.0.0.1:${options.port}/${options.database ?? "tidegate"}`,
  );
}
