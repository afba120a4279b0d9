// Brings what Kafka, Redis and MiniStack need, once, before the workers ask for it at the same time.
import { bringMinistack } from "@tidegate/aws/testing";
import { resolveJars } from "@tidegate/kafka";
import { PartIsOff } from "@tidegate/kernel";
import { installServer } from "@tidegate/redis";

/** Where one cannot be had, its tests say so by themselves. */
export default async function setup(): Promise<void> {
  for (const bring of [async () => resolveJars(), async () => installServer(), async () => bringMinistack()]) {
    try {
      await bring();
    } catch (error) {
      if (!(error instanceof PartIsOff)) throw error;
    }
  }
}
