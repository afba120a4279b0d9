// Where anvil's binary is: inside the npm package of this platform. The package's own launcher and install script are not needed.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PartIsOff } from "@tidegate/kernel";

const PACKAGE = "@foundry-rs/anvil-linux-amd64";

/** Path of the binary; PartIsOff where npm did not install it, which is on every platform but Linux on x64. */
export function anvilBinary(): string {
  let manifest: string;
  try {
    manifest = import.meta.resolve(`${PACKAGE}/package.json`);
  } catch (cause) {
    throw missing(cause);
  }
  const path = fileURLToPath(new URL("bin/anvil", manifest));
  if (!existsSync(path)) throw missing(undefined);
  return path;
}

function missing(cause: unknown): PartIsOff {
  return new PartIsOff({
    part: "chain",
    reason: `anvil is not installed (npm package ${PACKAGE}; this is ${process.platform} on ${process.arch})`,
    remedy: "Set RPC_URL to the JSON-RPC address of a chain.",
    cause,
  });
}
