// Kafka's own Java tools and clients, as the outside look of tests and benches.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { resolveJars } from "../embedded/resolve-jars.ts";

export { resolveJars as brokerJars } from "../embedded/resolve-jars.ts";

const LIMIT_MS = 120_000;

/** Runs a main class of Kafka's jars and gives its stdout: `javaProgram("org.apache.kafka.tools.GetOffsetShell", [...])`. */
export async function javaProgram(mainClass: string, args: readonly string[]): Promise<string> {
  const classpath = join(await resolveJars(), "*");
  const { stdout } = await promisify(execFile)("java", ["-cp", classpath, mainClass, ...args], {
    timeout: LIMIT_MS,
    maxBuffer: 2 ** 28,
  });
  return stdout;
}
