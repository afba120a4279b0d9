// Where each thing lies below the installation's home.
import { join } from "node:path";

export interface InstallationPaths {
  readonly home: string;
  readonly releases: string;
  readonly state: string;
  readonly functions: string;
  readonly postgres: string;
  readonly chain: string;
  readonly kafka: string;
  readonly redis: string;
  readonly ledger: string;
}

export function installationPaths(home: string): InstallationPaths {
  return {
    home,
    releases: join(home, "releases"),
    state: join(home, "state"),
    functions: join(home, "functions"),
    postgres: join(home, "postgres"),
    chain: join(home, "chain"),
    kafka: join(home, "kafka"),
    redis: join(home, "redis"),
    ledger: join(home, "traffic", "ledger.jsonl"),
  };
}
