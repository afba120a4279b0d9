// A digest of the sources that run, so that processes of an older checkout are replaced, not adopted.
import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const SOURCES = ["packages", "services", "apps", "examples"];
const SKIPPED = new Set(["node_modules", "build", "coverage"]);

/** Hex SHA-256 over path, size and modification time of every source file and the lock file below `root`. */
export function codeDigest(root: string): string {
  const hash = createHash("sha256");
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) visit(path);
      else if (entry.isFile() && /\.(ts|sql|json)$/.test(entry.name) && !entry.name.endsWith(".test.ts")) addFile(path);
    }
  };
  const addFile = (path: string): void => {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  };
  for (const folder of SOURCES) visit(join(root, folder));
  addFile(join(root, "package-lock.json"));
  return hash.digest("hex");
}
