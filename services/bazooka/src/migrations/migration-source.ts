// The user's Knex migrations, from a folder. Their recorded names end in `.js`, whether they are run as TypeScript or as what was built from it:
// so one database can be driven by both.
import { readdir, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Knex } from "knex";
import { TidegateError } from "@tidegate/kernel";

const EXTENSIONS = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"];

export interface MigrationFile {
  readonly path: string;
  /** As in knex_migrations. */
  readonly name: string;
}

/** Knex's type leaves out what its own documentation has: `config.transaction`. */
interface KnexMigration extends Knex.Migration {
  readonly config?: { readonly transaction?: boolean };
}

export interface SourceHooks {
  /** Before a migration that runs outside a transaction (`config = { transaction: false }`). */
  readonly beforeBare: (name: string) => Promise<void>;
}

class MigrationsInvalid extends TidegateError {
  override readonly name = "MigrationsInvalid";
  constructor(facts: { readonly folder: string; readonly problem: string; readonly cause?: unknown }) {
    super({
      code: "bazooka.migrations-invalid",
      message: `The migrations in ${facts.folder} cannot be run: ${facts.problem}.`,
      remedy: "Name the folder of the Knex migrations: BAZOOKA_MIGRATIONS_DIR.",
      details: { folder: facts.folder },
      cause: facts.cause,
      blame: "user",
    });
  }
}

/** In the order of their names. Throws MigrationsInvalid. */
export async function readMigrationFiles(folder: string): Promise<readonly MigrationFile[]> {
  const entries = await readdir(folder).catch((cause: unknown) => {
    throw new MigrationsInvalid({ folder, problem: "it cannot be read", cause });
  });
  const files = entries
    .filter((entry) => EXTENSIONS.includes(extname(entry)) && !/\.d\.[mc]?ts$/.test(entry))
    .map((entry) => ({ path: join(folder, entry), name: `${entry.slice(0, -extname(entry).length)}.js` }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const doubled = files.find((file, index) => files[index + 1]?.name === file.name);
  if (doubled !== undefined) throw new MigrationsInvalid({ folder, problem: `two files are ${doubled.name}` });
  return files;
}

export function migrationSource(folder: string, hooks?: SourceHooks): Knex.MigrationSource<MigrationFile> {
  return {
    getMigrations: async () => [...(await readMigrationFiles(folder))],
    getMigrationName: (file) => file.name,
    getMigration: async (file) => {
      const migration = await load(folder, file);
      if (hooks === undefined || migration.config?.transaction !== false) return migration;
      return {
        ...migration,
        up: async (knex: Knex) => {
          await hooks.beforeBare(file.name);
          await migration.up(knex);
        },
      };
    },
  };
}

const loadedAt = new Map<string, number>();

/** An operator lives long: a file that was mended must not be the one that was loaded before. */
async function freshUrl(path: string): Promise<string> {
  const { mtimeMs } = await stat(path);
  const before = loadedAt.get(path) ?? mtimeMs;
  loadedAt.set(path, mtimeMs);
  const { href } = pathToFileURL(path);
  if (before === mtimeMs) return href;
  delete createRequire(import.meta.url).cache[path];
  return `${href}?changed=${mtimeMs}`;
}

/** Of these names, those whose file exports no `down`. Loads the files, and runs nothing of them. Throws MigrationsInvalid. */
export async function readIrreversible(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const irreversible: string[] = [];
  for (const file of await readMigrationFiles(folder)) {
    if (!names.includes(file.name)) continue;
    if ((await exportsOf(folder, file)).down === undefined) irreversible.push(file.name);
  }
  return irreversible;
}

async function load(folder: string, file: MigrationFile): Promise<KnexMigration> {
  const { up, down, config } = await exportsOf(folder, file);
  if (up === undefined || down === undefined)
    throw new MigrationsInvalid({ folder, problem: `${file.name} exports no up and down` });
  return { up, down, ...(config === undefined ? {} : { config }) };
}

/** `{ up, down, config }` of an ES module, or of a CommonJS one, whose exports an import gives as the default. */
async function exportsOf(folder: string, file: MigrationFile): Promise<Partial<KnexMigration>> {
  let module: Partial<KnexMigration> & { readonly default?: Partial<KnexMigration> };
  try {
    module = (await import(await freshUrl(file.path))) as typeof module;
  } catch (cause) {
    throw new MigrationsInvalid({ folder, problem: `${file.name} does not load (${(cause as Error).message})`, cause });
  }
  return module.up === undefined ? (module.default ?? {}) : module;
}
