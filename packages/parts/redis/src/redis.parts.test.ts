// Against a real server: what it holds, clearing it, and what happens when it is not there.
import { spawnSync } from "node:child_process";
import { Secret, waitUntil } from "@tidegate/kernel";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clearServer, describeServer, withRedis } from "./index.ts";
import { startTestServer, type TestRedis } from "./testing/index.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestServer();
});
afterAll(async () => redis.stop());

/** The outside look: Redis's own client. */
function cli(...args: string[]): string {
  return spawnSync("redis-cli", ["-p", String(redis.port), ...args], { encoding: "utf8" }).stdout.trim();
}

const fill = async (): Promise<void> =>
  withRedis({ url: redis.url }, async (send) => {
    await send(["MSET", "a", "1", "b", "2"]);
    await send(["SELECT", "3"]);
    await send(["SET", "c", "3"]);
  });

describe("a Redis server", () => {
  it("tells what it is and which databases hold how many keys", async () => {
    await fill();
    const facts = await describeServer({ url: redis.url });
    expect(facts).toEqual({
      address: `127.0.0.1:${redis.port}`,
      server: expect.stringMatching(/^(redis|valkey) \d+\./) as string,
      role: "primary",
      keys: { "0": 2, "3": 1 },
    });
  });

  it("is cleared in all its databases, and keeps its scripts", async () => {
    await fill();
    const sha = cli("SCRIPT", "LOAD", "return 1");
    expect(await clearServer({ url: redis.url })).toEqual({ keys: 3 });
    expect(cli("INFO", "keyspace").replaceAll("\r", "")).toBe("# Keyspace");
    expect(cli("SCRIPT", "EXISTS", sha)).toBe("1");
    expect(await clearServer({ url: redis.url })).toEqual({ keys: 0 });
  });

  it("keeps what was written when it is killed", async () => {
    await fill();
    await redis.kill();
    await redis.restart();
    expect((await describeServer({ url: redis.url })).keys).toEqual({ "0": 2, "3": 1 });
  });

  it("is refused in seconds when nobody answers, and says where", async () => {
    const begun = performance.now();
    await expect(
      clearServer({ url: new Secret("redis://:secret@127.0.0.1:1"), reconnectMs: 10 }),
    ).rejects.toMatchObject({
      name: "RedisUnreachable",
      message: "The Redis server at 127.0.0.1:1 did not answer: connect ECONNREFUSED 127.0.0.1:1.",
    });
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it("is refused within the limit, all tries to connect together, when it accepts and never answers", async () => {
    spawnSync("kill", ["-STOP", serverPid()]);
    const begun = performance.now();
    try {
      await expect(clearServer({ url: redis.url, timeoutMs: 1_000, reconnectMs: 10 })).rejects.toMatchObject({
        name: "RedisUnreachable",
        message: expect.stringContaining("did not answer: ") as string,
      });
      expect(performance.now() - begun).toBeLessThan(2_500);
    } finally {
      spawnSync("kill", ["-CONT", serverPid()]);
    }
  });

  it("is not held up by freeing what it held: that goes on after its answer", async () => {
    const freedLater = (): number => Number(/lazyfreed_objects:(\d+)/.exec(cli("INFO", "memory"))?.[1]);
    const before = freedLater();
    await fill();
    await clearServer({ url: redis.url });
    const freed = await waitUntil(() => (freedLater() > before ? freedLater() : undefined), {
      what: "The keys being freed",
      limitMs: 5_000,
      remedy: "",
    });
    expect(freed - before).toBe(3);
  });
});

function serverPid(): string {
  return pidOf(redis);
}

/** The shell that watches over it is the parent. */
function pidOf(server: TestRedis): string {
  return spawnSync("pgrep", ["-P", String(server.pid())], { encoding: "utf8" }).stdout.trim();
}

describe("a server with a password", () => {
  it("says that the login was refused, without the password", async () => {
    const locked = await startTestServer(["--requirepass", "hunter2"]);
    try {
      const url = new Secret(`redis://:wrong-one@127.0.0.1:${locked.port}`);
      const error = await clearServer({ url }).catch((error: unknown) => error);
      expect(error).toMatchObject({ name: "RedisLoginRefused" });
      expect(String(error)).not.toContain("wrong-one");
    } finally {
      await locked.stop();
    }
  });

  it("names a replica as the reason of a refused flush", async () => {
    const replica = await startTestServer(["--replicaof", "127.0.0.1", String(redis.port)]);
    try {
      expect((await describeServer({ url: replica.url })).role).toBe("replica");
      await expect(clearServer({ url: replica.url })).rejects.toMatchObject({
        name: "RedisRefused",
        remedy: "REDIS_URL names a replica; give the primary's address.",
      });
    } finally {
      await replica.stop();
    }
  });
});
