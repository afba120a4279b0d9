// Kafka's jars, resolved by Maven from the committed pom into a folder that all installations of this user share.
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PartIsOff } from "@tidegate/kernel";
import { kafkaOff } from "./find-java.ts";

export const BROKER_FOLDER = fileURLToPath(new URL("../../broker", import.meta.url));

const LIMIT_MS = 300_000;

/** Gives the folder. The first time Maven brings about 45 MB; afterwards nothing is asked of it. Throws PartIsOff. */
export async function resolveJars(
  env: NodeJS.ProcessEnv = process.env,
  onBring: () => void = () => undefined,
): Promise<string> {
  const pom = join(BROKER_FOLDER, "pom.xml");
  const digest = createHash("sha256")
    .update(await readFile(pom))
    .digest("hex")
    .slice(0, 12);
  const cache = join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "tidegate");
  const folder = join(cache, `kafka-${digest}`);
  if (existsSync(folder)) return folder;
  const off = kafkaOff(env);
  if (off !== undefined) throw new PartIsOff({ part: "kafka", ...off });
  const partial = `${folder}.${randomBytes(4).toString("hex")}`;
  await mkdir(cache, { recursive: true });
  onBring();
  try {
    await promisify(execFile)(
      "mvn",
      ["--quiet", "--batch-mode", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${partial}`],
      { env, timeout: LIMIT_MS, maxBuffer: 2 ** 24 },
    );
    // Whole or not at all; of two that bring it at once, the first wins.
    await rename(partial, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } catch (cause) {
    const said = (cause as { stdout?: string }).stdout?.trim().split("\n").slice(0, 3).join(" ") ?? "";
    throw new PartIsOff({
      part: "kafka",
      reason: `Maven could not bring Kafka's jars${said === "" ? "" : ` (${said.slice(0, 300)})`}`,
      remedy: "Check that Maven reaches its repository (mvn -version; its settings.xml), then try again.",
      cause,
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
