// `prepare` from the command line, and its handler from build/ alone.
import { execFile as execFileWithCallback } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openStores, readTopic } from "@tidegate/bazooka/testing";
import { startTemporaryInstallation } from "@tidegate/cli/temporary-installation";
import { generateStore, MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { kafkaOff } from "@tidegate/kafka";
import { redisOff } from "@tidegate/redis";
import { describe, expect, it } from "vitest";
import { runTidegate } from "../installation/run-tidegate.ts";

const execFile = promisify(execFileWithCallback);
const root = new URL("../../", import.meta.url).pathname;

describe.skipIf(kafkaOff() !== undefined || redisOff() !== undefined)(
  "bazooka (needs Java 17, Maven and Redis)",
  () => {
    it("runs an event from a file, after the name of the target was given", async () => {
      const installation = await startTemporaryInstallation(["--only", "postgres,redis,operator"]);
      const event = join(installation.home, "event.json");
      const home = ["--home", installation.home];
      const run = async (...flags: string[]) => runTidegate(["run", "prepare", "--input", event, ...home, ...flags]);
      try {
        writeFileSync(event, JSON.stringify({ clear_redis: true, reset_db: true, migrate: true }));
        const unforced = await run("--yes");
        expect(unforced.exit).toBe(77);
        expect(unforced.stderr).toContain(
          'Cannot run bazooka without force flag set to "true": reset_db, clear_redis destroy data.',
        );
        writeFileSync(event, JSON.stringify({ clear_redis: true, reset_db: true, migrate: true, force: true }));
        const unnamed = await run("--yes");
        expect(unnamed.exit).toBe(64);
        const target = `database 127.0.0.1:${installation.ports.postgres}/indexer_store, redis 127.0.0.1:${installation.ports.redis}`;
        expect(unnamed.stderr).toContain(`--confirm="${target}"`);
        const done = await run(`--confirm=${target}`);
        expect(done.exit, done.stderr).toBe(0);
        expect(JSON.parse(done.stdout)).toMatchObject({
          did: ["reset_db", "migrate", "clear_redis"],
          resetSchemas: ["public"],
        });
      } finally {
        installation.remove();
      }
    });

    it("migrates, creates topics and sends orders from build/, in a folder without sources or packages", async () => {
      const folder = mkdtempSync(join(tmpdir(), "tidegate-build-"));
      const stores = await openStores(join(folder, "migrations"));
      const invoke = async (event: unknown): Promise<unknown> => {
        const env = { ...stores.env, TIDEGATE_ENGINE: "volatile" };
        const { stdout } = await execFile(process.execPath, [join(folder, "invoke.mjs"), JSON.stringify(event)], {
          cwd: folder,
          env,
          timeout: 60_000,
        });
        return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
      };
      try {
        await execFile("npm", ["run", "build", "-w", "@tidegate/bazooka"], { cwd: root });
        cpSync(join(root, "services/bazooka/build"), folder, { recursive: true });
        cpSync(MIGRATIONS_DIR, join(folder, "migrations"), { recursive: true });
        writeFileSync(
          join(folder, "invoke.mjs"),
          `import { handler } from "./index.js";
         const answer = await handler(JSON.parse(process.argv[2]), { awsRequestId: "1", getRemainingTimeInMillis: () => 50_000 });
         console.log(JSON.stringify(answer)); process.exit(0);`,
        );
        const success = { statusCode: 200, body: '{"message":"success"}' };
        expect(await invoke({ migrate: true, create_kafka_topics: true })).toEqual(success);
        await generateStore(stores.pool, { orders: 50 });
        expect(await invoke({ send_stateful_orders_to_vulcan: true })).toEqual(success);
        expect((await readTopic(stores, "to-vulcan")).length).toBeGreaterThanOrEqual(50);
      } finally {
        await stores.close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
);
