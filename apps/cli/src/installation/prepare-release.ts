// Writes the installation's release and records, for every service, that it should run it.
import type { ProcessWorkloads, ReleaseInput } from "@tidegate/workloads";
import type { Installation } from "./command-input.ts";
import { writeInstalled } from "./installed.ts";
import type { OffPart } from "./off-part.ts";
import { ensureTokens } from "./tokens.ts";
import { writeRelease } from "./write-release.ts";

/** Marks a service that a narrower `up --only` has set to zero, so that a later `up` may raise it again. */
const LEFT_OUT = "left-out-by-only";

/**
 * Writes releases/<tag>/release.json and the desired state of each service. A service that something else has set to zero
 * (an upgrade that stopped a writer) stays at zero; one that `--only` leaves out goes to zero until it is asked for again.
 */
export async function prepareRelease(
  installation: Installation,
  workloads: ProcessWorkloads,
  off: readonly OffPart[],
): Promise<ReleaseInput> {
  const { config, paths } = installation;
  const release = writeRelease(installation, off);
  ensureTokens(paths.home);
  writeInstalled(paths.home, config, off);
  for (const service of Object.keys(release.services)) {
    await workloads.ensure(service, { release: release.tag, desiredCount: 1 });
    const { tags } = await workloads.describe(service);
    const wasLeftOut = tags[LEFT_OUT] === "yes";
    await workloads.update(service, {
      release: release.tag,
      ...(wasLeftOut ? { desiredCount: 1, tags: { [LEFT_OUT]: "no" } } : {}),
    });
  }
  for (const service of await workloads.list()) {
    if (Object.hasOwn(release.services, service)) continue;
    const { desiredCount } = await workloads.describe(service);
    if (desiredCount > 0) await workloads.update(service, { desiredCount: 0, tags: { [LEFT_OUT]: "yes" } });
  }
  return release;
}
