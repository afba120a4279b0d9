// Replaces what Bazooka's function runs, and waits until that is what an invocation meets.
import { waitForFunction } from "@tidegate/functions";
import type { StepContext } from "@tidegate/engine";
import { withinLimit } from "../flow.ts";
import type { Scene } from "../observe.ts";

export async function updateBazooka(
  { fleet, platform }: Scene,
  { name, image }: { readonly name: string; readonly image: string },
  step: StepContext,
): Promise<{ readonly image: string }> {
  const { functions, pollMs: everyMs } = platform;
  await functions.update(name, { image });
  const limitMs = fleet.limits.functionUpdateMs;
  await withinLimit(async () => waitForFunction(functions, { name, image, limitMs, everyMs, signal: step.signal }));
  return { image };
}
