// Everything that a broker needs before its process starts: the jars, its settings, a formatted log folder.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { TidegateError } from "@tidegate/kernel";
import { brokerProperties, type BrokerPlace } from "./broker-properties.ts";
import { BROKER_FOLDER, resolveJars } from "./resolve-jars.ts";

export interface BrokerCommand {
  readonly program: "java";
  readonly args: readonly string[];
}

/** Any will do; the nodes of one cluster share it. Base64 of 16 bytes, as Kafka's Uuid has it. */
const CLUSTER_ID = "dGlkZWdhdGUta2Fma2EtMQ";
const FORMAT_LIMIT_MS = 60_000;
const HEAP = ["-Xms96m", "-Xmx384m", "-XX:+UseSerialGC"];

/** Harmless to repeat: a formatted folder is left alone. Throws PartIsOff, or KafkaFormatFailed. */
export async function prepareBroker(home: string, place: Omit<BrokerPlace, "dataDir">): Promise<BrokerCommand> {
  const jars = await resolveJars();
  const dataDir = join(home, "logs");
  const settings = join(home, "server.properties");
  await mkdir(dataDir, { recursive: true });
  await writeFile(settings, brokerProperties({ ...place, dataDir }));
  const classpath = ["-cp", join(jars, "*")];
  if (!existsSync(join(dataDir, "meta.properties"))) await format(classpath, settings);
  const logging = `-Dlog4j2.configurationFile=${join(BROKER_FOLDER, "log4j2.yaml")}`;
  return { program: "java", args: [...HEAP, ...classpath, logging, "kafka.Kafka", settings] };
}

async function format(classpath: readonly string[], settings: string): Promise<void> {
  const args = [...classpath, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", settings];
  try {
    await promisify(execFile)("java", args, { timeout: FORMAT_LIMIT_MS });
  } catch (cause) {
    throw new TidegateError({
      code: "kafka.format-failed",
      message: `Kafka's log folder could not be prepared: ${(cause as Error).message.slice(0, 500)}`,
      remedy: "Look at the folder's permissions and free space; remove it when its content is not needed.",
      cause,
    });
  }
}
