// The market indexer's database: the one that DATABASE_URL names, else the embedded one of the installation in this home.
import { EXIT, TidegateError, type Secret } from "@tidegate/kernel";
import { embeddedUrl } from "@tidegate/postgres";
import { createProcessWorkloads } from "@tidegate/workloads";
import { readInstallation, type CommandInput } from "../../installation/command-input.ts";
import { readComponents } from "../../installation/read-components.ts";

/** Throws IndexerDatabaseUnknown. */
export async function findDatabase(input: CommandInput): Promise<Secret> {
  const { config, paths } = readInstallation(input);
  if (config.database !== undefined) return config.database;
  const workloads = createProcessWorkloads({ stateDir: paths.state, releasesDir: paths.releases });
  const postgres = (await readComponents(workloads)).find((one) => one.name === "postgres");
  const port = Number(postgres?.address?.split(":").at(-1));
  if (!Number.isInteger(port)) throw new IndexerDatabaseUnknown({ home: paths.home });
  return embeddedUrl({ dataDir: paths.postgres, port, database: "tidegate" });
}

class IndexerDatabaseUnknown extends TidegateError {
  override readonly name = "IndexerDatabaseUnknown";
  constructor(facts: { home: string }) {
    super({
      code: "indexer.database-unknown",
      message: `No PostgreSQL of ${facts.home} runs, and DATABASE_URL is not set. Nothing was changed.`,
      remedy: "Start the installation with `tidegate up`, or name the indexer's database with DATABASE_URL.",
      details: facts,
      blame: "user",
      exit: EXIT.partDown,
    });
  }
}
