// How our programs are bundled: one file each, for Node, that runs without sources and node_modules.
import type { BuildOptions } from "esbuild";
import { onlyWhatIsUsed } from "./only-what-is-used.ts";

export const bundleOptions = {
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  sourcemap: true,
  logLevel: "warning",
  // The text of a bundle stays in memory: whitespace and comments are a third of it. Names stay, for stacks that can be read.
  minifyWhitespace: true,
  minifySyntax: true,
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
  plugins: [onlyWhatIsUsed],
} satisfies BuildOptions;
