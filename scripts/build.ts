// `npm run build` of a package: bundles its programs into build/, each one file that runs without sources and node_modules.
//   node ../../scripts/build.ts src/main.ts [src/other/main.ts …] [--assets src/store/migrations]
import { cpSync, rmSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { assets: { type: "string", multiple: true } },
});
if (positionals.length === 0) {
  console.error("Name the programs to build, as paths from the package's folder: src/main.ts");
  process.exit(64);
}

rmSync("build", { recursive: true, force: true });
const result = await build({
  // src/main.ts → build/main.js, src/api/main.ts → build/api.js: flat, so that assets lie beside every program.
  entryPoints: positionals.map((path) => ({ in: path, out: programName(path) })),
  outdir: "build",
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  sourcemap: true,
  metafile: true,
  logLevel: "warning",
  // pg's optional native binding, without which it is plain JavaScript; Knex's other databases; DBOS's tracing, which stays off.
  external: [
    "pg-native",
    "better-sqlite3",
    "sqlite3",
    "mysql",
    "mysql2",
    "oracledb",
    "tedious",
    "pg-query-stream",
    "@libsql/sqlite3",
    "mariadb",
    "winston",
    "winston-transport",
    "@opentelemetry/*",
    "libsql",
  ],
  // The one with its WebAssembly inside: in a bundle there is no file beside it.
  alias: { "@platformatic/wasm-utils": "@platformatic/wasm-utils/bundled" },
  // CommonJS packages inside an ES module still call require.
  banner: {
    js: 'import { createRequire as createRequireForBundle } from "node:module"; const require = createRequireForBundle(import.meta.url);',
  },
});
for (const folder of values.assets ?? []) cpSync(folder, join("build", basename(folder)), { recursive: true });
for (const [path, { bytes }] of Object.entries(result.metafile.outputs)) {
  if (path.endsWith(".js")) console.log(`${path}  ${Math.round(bytes / 1024)} KiB`);
}

function programName(path: string): string {
  const inside = relative("src", path);
  return dirname(inside) === "." ? basename(inside, ".ts") : dirname(inside).replaceAll("/", "-");
}
