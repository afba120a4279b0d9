// `npm run build` of a package: bundles its programs into build/, which runs without sources and node_modules.
//   node ../../scripts/build.ts src/main.ts [src/other/main.ts …] [--assets src/store/migrations] [--assets path=name-in-build]
import { cpSync, rmSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { bundleOptions } from "./bundle-options.ts";

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
  ...bundleOptions,
  metafile: true,
});
for (const asset of values.assets ?? []) {
  const [path = "", name = basename(path)] = asset.split("=");
  cpSync(path, join("build", name), { recursive: true });
}
for (const [path, { bytes }] of Object.entries(result.metafile.outputs)) {
  if (path.endsWith(".js")) console.log(`${path}  ${Math.round(bytes / 1024)} KiB`);
}

function programName(path: string): string {
  const inside = relative("src", path);
  return dirname(inside) === "." ? basename(inside, ".ts") : dirname(inside).replaceAll("/", "-");
}
