// Makes the release of this checkout and these settings, and writes it into the installation's folder of releases.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ReleaseInput } from "@tidegate/workloads";
import { checkoutRoot } from "./checkout-root.ts";
import { codeDigest } from "./code-digest.ts";
import type { Installation } from "./command-input.ts";
import type { OffPart } from "./off-part.ts";
import { planRelease } from "./release.ts";

/** Under its own tag, which changes with code and settings, or under another name for it. */
export function writeRelease(
  { config, paths, ports }: Installation,
  off: readonly OffPart[],
  tag?: string,
): ReleaseInput {
  const node = process.execPath;
  const planned = planRelease({
    config,
    paths,
    ports,
    root: checkoutRoot,
    node,
    codeDigest: codeDigest(checkoutRoot),
    off,
  });
  const release = tag === undefined ? planned : { ...planned, tag };
  const path = join(paths.releases, release.tag, "release.json");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(release, undefined, 2)}\n`);
  renameSync(`${path}.new`, path);
  return release;
}
