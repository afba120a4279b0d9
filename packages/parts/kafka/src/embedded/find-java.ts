// Whether the embedded broker can be had here: Java 17 or newer, and Maven, which brings Kafka's jars.
import { spawnSync } from "node:child_process";

export interface KafkaOff {
  readonly reason: string;
  readonly remedy: string;
}

const MINIMUM_JAVA = 17;
const REMEDY =
  "Install a JRE (17 or newer) and Maven (on Debian: apt-get install openjdk-17-jre-headless maven), or set KAFKA_BROKER_URLS to a cluster.";
const LIMIT_MS = 20_000;

/** Why the embedded broker is off here; undefined when it can run. Starts `java` and `mvn` once each, to ask for their versions. */
export function kafkaOff(env: NodeJS.ProcessEnv = process.env): KafkaOff | undefined {
  const ask = (program: string): string | undefined => {
    const { status, stdout, stderr } = spawnSync(program, ["-version"], { env, encoding: "utf8", timeout: LIMIT_MS });
    return status === 0 ? `${stdout}\n${stderr}` : undefined;
  };
  const java = ask("java");
  if (java === undefined) return { reason: "there is no Java on the PATH", remedy: REMEDY };
  const major = javaMajor(java);
  if (major === undefined || major < MINIMUM_JAVA)
    return {
      reason: `Java ${major ?? "of an unknown version"} is too old; Kafka needs ${MINIMUM_JAVA}`,
      remedy: REMEDY,
    };
  if (ask("mvn") === undefined) return { reason: "there is no Maven on the PATH to bring it", remedy: REMEDY };
  return undefined;
}

/** From `java -version`: 17 of "17.0.15", 8 of "1.8.0_392". */
export function javaMajor(versionText: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(versionText) ?? [];
  if (first === undefined) return undefined;
  return Number(first === "1" ? second : first);
}
