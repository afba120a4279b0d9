// An example of the store that Bazooka prepares: its migrations, and what fills it.
import { fileURLToPath } from "node:url";

export { generateStore, type GenerateOptions, type Generated } from "./generate-store.ts";

/** Folder of the Knex migrations. */
export const MIGRATIONS_DIR = fileURLToPath(new URL("../migrations", import.meta.url));
