// How our programs are bundled: for Node, into files that run without sources and node_modules.
import type { BuildOptions } from "esbuild";
import { onlyWhatIsUsed } from "./only-what-is-used.ts";

export const bundleOptions = {
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // What is imported on demand stays in files of its own, flat beside the programs, and what two programs share is there once: memory holds
  // the text of what is loaded.
  splitting: true,
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
