// Brings what the embedded parts need, before anything is started.
import { kafkaOff, resolveJars } from "@tidegate/kafka";
import { describeError, PartIsOff } from "@tidegate/kernel";
import { installServer, redisOff } from "@tidegate/redis";
import type { InstallationConfig } from "./settings.ts";
import type { OffPart } from "./off-part.ts";
import { chosenServices } from "./release.ts";

/** Brings what the embedded parts need and can be brought: Kafka's jars by Maven, redis-server by apt-get. What cannot is off. */
export async function bringParts(
  config: InstallationConfig,
  tell: (line: string) => void,
): Promise<readonly OffPart[]> {
  const chosen = chosenServices(config);
  const off: OffPart[] = [];
  const bring = async (name: OffPart["name"], what: () => Promise<unknown>): Promise<void> => {
    if (!chosen.includes(name)) return;
    try {
      await what();
    } catch (error) {
      if (!(error instanceof PartIsOff)) throw error;
      off.push({ name, reason: reasonOf(error), remedy: error.remedy });
    }
  };
  await bring("kafka", async () => {
    const why = kafkaOff();
    if (why !== undefined) throw new PartIsOff({ part: "kafka", ...why });
    await resolveJars(process.env, () => tell("Maven brings Kafka (once; about 45 MB) ..."));
  });
  await bring("redis", async () => {
    const why = redisOff();
    if (why !== undefined) throw new PartIsOff({ part: "redis", ...why });
    await installServer(() => tell("apt-get brings redis-server (once) ..."));
  });
  return off;
}

/** `The part "kafka" is off: there is no Java on the PATH.` → the reason alone. */
function reasonOf(error: PartIsOff): string {
  return describeError(error)
    .replace(/^[^:]*: /, "")
    .replace(/\.$/, "");
}
