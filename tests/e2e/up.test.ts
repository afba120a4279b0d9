// A whole installation from the command line: up, status, logs, down, Ctrl-C, --only, real parts in the place of embedded ones.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTemporaryInstallation, type TemporaryInstallation } from "@tidegate/cli/temporary-installation";
import { createRpcClient } from "@tidegate/chain";
import { startTestChain } from "@tidegate/chain/testing";
import { kafkaOff } from "@tidegate/kafka";
import { waitUntil } from "@tidegate/kernel";
import { deployMarket } from "@tidegate/market-example";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { redisOff } from "@tidegate/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesOf } from "../installation/processes-of.ts";
import { runTidegate } from "../installation/run-tidegate.ts";

const launcher = new URL("../../tidegate", import.meta.url).pathname;

interface StatusJson {
  readonly isHealthy: boolean;
  readonly supervisor: { readonly pid: number } | null;
  readonly parts: ReadonlyArray<{
    readonly name: string;
    readonly state: string;
    readonly pid: number | null;
    readonly address: string | null;
  }>;
  readonly services: StatusJson["parts"];
}

/** Parts that this machine may lack. */
const MORE_PARTS = [...(kafkaOff() === undefined ? ["kafka"] : []), ...(redisOff() === undefined ? ["redis"] : [])];

describe("an installation", () => {
  let installation: TemporaryInstallation;
  beforeAll(async () => {
    installation = await startTemporaryInstallation([]);
  });
  afterAll(() => installation.remove());

  const status = (): StatusJson => JSON.parse(installation.tidegate(["status", "--json"], true)) as StatusJson;

  it("shows address, pid and state of every part and service", () => {
    const seen = status();
    expect(seen.isHealthy).toBe(true);
    expect(seen.parts.map((one) => one.name)).toEqual(["postgres", "chain", ...MORE_PARTS]);
    expect(seen.services.map((one) => one.name)).toEqual(["traffic", "market-indexer", "market-api", "operator"]);
    for (const one of [...seen.parts, ...seen.services]) {
      expect(one.state, one.name).toBe("running");
      expect(one.pid, one.name).toBeGreaterThan(1);
      if (one.name !== "traffic") expect(one.address, one.name).toMatch(/^127\.0\.0\.1:\d+$/);
    }
  });

  it("listens on 127.0.0.1 only and keeps secrets from other users", () => {
    const { home } = installation;
    const secretFiles = readdirSync(join(home, "postgres")).filter((name) => /password|connection/.test(name));
    expect(secretFiles.length).toBeGreaterThan(0);
    for (const name of secretFiles) expect(statSync(join(home, "postgres", name)).mode & 0o077, name).toBe(0);
    for (const { command } of processesOf(home)) expect(command).not.toMatch(/postgres:\/\/[^ ]*:[^ *@]+@/);
  });

  it("serves health, metrics, status and the read API from the operator", async () => {
    const origin = `http://127.0.0.1:${installation.ports.operator}`;
    for (const path of ["/health", "/status", "/v1/market", "/openapi.json"]) {
      const response = await fetch(origin + path);
      expect([path, response.status]).toEqual([path, 200]);
    }
    expect(await (await fetch(`${origin}/metrics`)).text()).toMatch(/^process_resident_memory_bytes /m);
  });

  it("shows a service's log", () => {
    const lines = installation.tidegate(["logs", "market-indexer", "--lines", "5"]).trim().split("\n");
    expect(lines.length).toBeLessThanOrEqual(5);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ service: "market-indexer" });
  });

  it("refuses a second up beside the first, and leaves everything as it is", async () => {
    const before = status();
    const log = readFileSync(join(installation.home, "up.log"), "utf8");
    const portBase = ["--home", installation.home, "--port-base", String(installation.ports.operator - 78)];
    for (const flags of [[], ["--detach", "--traffic-rate", "7"], ["--only", "postgres"]]) {
      const ended = await runTidegate(["up", ...portBase, ...flags]);
      expect({ exit: ended.exit, code: ended.code }).toEqual({ exit: 75, code: "workloads.supervisor-running" });
    }
    expect(status()).toEqual(before);
    expect(readFileSync(join(installation.home, "up.log"), "utf8").startsWith(log)).toBe(true);
  });

  it("is adopted by the next up when its supervisor is killed, without a restart", async () => {
    const before = status();
    const supervisor = before.supervisor?.pid ?? 0;
    process.kill(supervisor, "SIGKILL");
    await waitUntil(() => (status().supervisor === null ? true : undefined), {
      what: "The supervisor's end",
      limitMs: 10_000,
      remedy: "-",
    });
    installation.tidegate(["up", "--detach", "--port-base", String(installation.ports.operator - 78)]);
    const after = status();
    expect(after.isHealthy).toBe(true);
    const pids = ({ parts, services }: StatusJson) => [...parts, ...services].map((one) => [one.name, one.pid]);
    expect(pids(after)).toEqual(pids(before));
  });

  it("stops in order and leaves no process", () => {
    installation.tidegate(["down"]);
    expect(processesOf(installation.home)).toEqual([]);
    expect(status()).toMatchObject({ isHealthy: false, supervisor: null });
  });
});

describe("up in the foreground", () => {
  const home = mkdtempSync(join(tmpdir(), "tidegate-e2e-up-"));
  chmodSync(home, 0o711);
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it("prints the table and progress, and Ctrl-C stops all of it in order with exit 130", async () => {
    const child = spawn(launcher, ["up", "--home", home, "--port-base", "31400"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await waitUntil(() => (/^head \d+  indexed \d+/m.test(said) ? true : undefined), {
      what: "The first progress line",
      limitMs: 90_000,
      remedy: said,
    });
    expect(said).toMatch(/^postgres\s+part\s+running\s+postgres:\/\/127\.0\.0\.1:31432/m);
    expect(said).toMatch(/^operator\s+service\s+running\s+http:\/\/127\.0\.0\.1:31478/m);
    child.kill("SIGINT");
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).toBe(130);
    const stopped = [...said.matchAll(/ ([a-z-]+) stopped$/gm)].map((match) => match[1]);
    expect(new Set(stopped)).toEqual(
      new Set(["operator", "market-api", "market-indexer", "traffic", "chain", "postgres", ...MORE_PARTS]),
    );
    expect(stopped.indexOf("postgres")).toBeGreaterThan(stopped.indexOf("market-indexer"));
    expect(processesOf(home)).toEqual([]);
  });

  it("starts only what --only names, and a real database takes the embedded one's place", async () => {
    const database = await createTestDatabase();
    try {
      const env = { DATABASE_URL: database.url.reveal() };
      const up = ["up", "--detach", "--home", home, "--port-base", "31600", "--only", "chain,market-indexer"];
      const ended = await runTidegate(up, env);
      expect(ended.exit, ended.stderr).toBe(0);
      const { stdout } = await runTidegate(["status", "--json", "--home", home], env);
      const seen = JSON.parse(stdout) as StatusJson;
      const running = [...seen.parts, ...seen.services].filter((one) => one.state === "running").map((one) => one.name);
      expect(running).toEqual(["chain", "market-indexer"]);
      expect(stdout).not.toContain(new URL(env.DATABASE_URL).password);
      // Also without the variable, and whatever else the caller's environment names.
      const elsewhere = await runTidegate(["status", "--json", "--home", home], {
        DATABASE_URL: "postgres://x:y@nowhere/db",
      });
      const { external } = JSON.parse(elsewhere.stdout) as {
        external: ReadonlyArray<{ name: string; address: string }>;
      };
      expect(external).toEqual([{ name: "postgres", address: env.DATABASE_URL.replace(/:[^:@/]+@/, ":***@") }]);
    } finally {
      await runTidegate(["down", "--home", home]);
      await database.drop();
    }
    expect(processesOf(home)).toEqual([]);
  });

  it("indexes a real endpoint's chain, which takes the place of the embedded one and its traffic", async () => {
    const database = await createTestDatabase();
    const chain = await startTestChain();
    const rpc = createRpcClient({ urls: [chain.url] });
    try {
      const market = await deployMarket(rpc, { mine: () => chain.mine() });
      const { number: head } = await chain.mine(5);
      const env = {
        ETH_RPC_URL: chain.url,
        BOUNDLESS_MARKET_ADDRESS: market,
        CHAIN_ID: "31337",
        START_BLOCK: "0",
        DATABASE_URL: database.url.reveal(),
      };
      const ended = await runTidegate(["up", "--detach", "--home", home, "--port-base", "31800"], env);
      expect(ended.exit, ended.stderr).toBe(0);
      expect(ended.stderr).toMatch(/^chain\s+part\s+external\s+http:\/\/127\.0\.0\.1/m);
      await waitUntil(
        async () => {
          const answer = (await (await fetch("http://127.0.0.1:31860/v1/market")).json()) as {
            last_indexed_block?: number;
          };
          return answer.last_indexed_block === head ? true : undefined;
        },
        { what: `Block ${head}`, limitMs: 20_000, remedy: "-" },
      );
      const running = processesOf(home).map(({ command }) => command);
      expect(running.some((command) => /anvil|traffic-main|postgres -D/.test(command))).toBe(false);
    } finally {
      await runTidegate(["down", "--home", home]);
      await rpc.close();
      await chain.stop();
      await database.drop();
    }
  });
});

it("is whole where Java is missing: Kafka is off, by name and with its remedy", async () => {
  const programs = mkdtempSync(join(tmpdir(), "tidegate-no-java-"));
  // As root, PostgreSQL runs as another user.
  chmodSync(programs, 0o755);
  for (const folder of ["/usr/sbin", "/usr/bin"]) {
    for (const name of readdirSync(folder).filter((one) => !/^(java|mvn)/.test(one)))
      if (!existsSync(join(programs, name))) symlinkSync(join(folder, name), join(programs, name));
  }
  const installation = await startTemporaryInstallation(["--only", "postgres,kafka,operator"], { PATH: programs });
  try {
    const status = JSON.parse(installation.tidegate(["status", "--json"])) as {
      readonly isHealthy: boolean;
      readonly off: ReadonlyArray<{ readonly name: string; readonly reason: string; readonly remedy: string }>;
    };
    expect(status.isHealthy).toBe(true);
    expect(status.off).toEqual([
      {
        name: "kafka",
        reason: "there is no Java on the PATH",
        remedy: expect.stringContaining("openjdk-17-jre-headless maven") as string,
      },
    ]);
    expect(installation.tidegate(["status"])).toMatch(/^kafka\s+part\s+off\s.*there is no Java on the PATH/m);
    const home = ["--home", installation.home];
    const refused = await runTidegate(["prepare", "plan", "--set", "create_kafka_topics=true", ...home]);
    expect(refused.exit).not.toBe(0);
    expect(refused.stderr).toMatch(/KAFKA_BROKER_URLS/);
    expect((await runTidegate(["prepare", "plan", "--set", "migrate=true", ...home])).exit).toBe(2);
  } finally {
    installation.remove();
    rmSync(programs, { recursive: true, force: true });
  }
});
