// What `tidegate` sets for the processes that it starts: code is compiled once, not at every start. For both sides of a pair.
import { fileURLToPath } from "node:url";

export const COMPILE_CACHE: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../../../node_modules/.cache/tidegate-compile", import.meta.url)),
};
