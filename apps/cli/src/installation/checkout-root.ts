// Where the checkout lies; everything that the CLI starts is found from here.
import { fileURLToPath } from "node:url";

/** Absolute path of the checkout's root. */
export const checkoutRoot = fileURLToPath(new URL("../../../../", import.meta.url)).replace(/\/$/, "");
