// Bundles leave out of a package what none of its importers use, though its package.json does not say that this is safe.
import type { Plugin } from "esbuild";

/** Their modules only define and export; evaluated for nothing they take memory in every process and thread. */
const PACKAGES = ["@platformatic/kafka"];

/** Marks so that the plugin's own question to esbuild is not asked of it again. */
const ASKED = Symbol("asked");

export const onlyWhatIsUsed: Plugin = {
  name: "only-what-is-used",
  setup: (build) => {
    build.onResolve({ filter: /./ }, async ({ path, pluginData, ...rest }) => {
      const isTheirs = PACKAGES.some(
        (name) => path.startsWith(name) || rest.importer.includes(`/node_modules/${name}/`),
      );
      if (pluginData === ASKED || !isTheirs) return undefined;
      const found = await build.resolve(path, { ...rest, pluginData: ASKED });
      const isInside = PACKAGES.some((name) => found.path.includes(`/node_modules/${name}/`));
      return isInside ? { ...found, sideEffects: false } : found;
    });
  },
};
