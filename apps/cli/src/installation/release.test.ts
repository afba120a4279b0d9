import { releaseSchema } from "@tidegate/workloads";
import { loadSettings } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import { installationPaths } from "./paths.ts";
import { installationPorts } from "./ports.ts";
import { chosenServices, planRelease } from "./release.ts";
import { installationSettings } from "./settings.ts";
import { SERVICE_NAMES } from "./service-names.ts";

const plan = (env: Record<string, string>, codeDigest = "c0de") => {
  const { values } = loadSettings(installationSettings, { env });
  const paths = installationPaths("/home/tide/.tidegate");
  return planRelease({
    config: values,
    paths,
    ports: installationPorts(7400),
    root: "/checkout",
    node: "/node",
    codeDigest,
    off: [],
  });
};
const chosen = (env: Record<string, string>) => chosenServices(loadSettings(installationSettings, { env }).values);
const REAL = { ETH_RPC_URL: "http://127.0.0.1:1", BOUNDLESS_MARKET_ADDRESS: `0x${"ab".repeat(20)}`, CHAIN_ID: "8453" };
const DATABASE_URL = "postgres://tide:hunter2@db.example/market";

describe("chosenServices", () => {
  it("is everything by default, in the order of starting", () => expect(chosen({})).toEqual([...SERVICE_NAMES]));
  it("leaves out what a real part replaces, and the traffic with the embedded chain", () => {
    expect(chosen({ DATABASE_URL })).not.toContain("postgres");
    expect(chosen(REAL)).toEqual(["postgres", "kafka", "redis", "market-indexer", "market-api", "operator"]);
  });
  it("leaves out what is off here, and Kafka and Redis where real ones are named", () => {
    const { values } = loadSettings(installationSettings, { env: {} });
    const off = [{ name: "kafka", reason: "there is no Java on the PATH", remedy: "Install it." }] as const;
    expect(chosenServices(values, off)).toEqual(SERVICE_NAMES.filter((name) => name !== "kafka"));
    const real = chosen({ KAFKA_BROKER_URLS: "b1:9092,b2:9092", REDIS_URL: "redis://cache:6379" });
    expect(real).toEqual(SERVICE_NAMES.filter((name) => name !== "kafka" && name !== "redis"));
  });
  it("keeps to --only", () =>
    expect(chosen({ TIDEGATE_ONLY: "market-api, postgres" })).toEqual(["postgres", "market-api"]));
});

describe("planRelease", () => {
  it("is a release that the workloads part accepts, whatever is chosen", () => {
    for (const env of [{}, REAL, { DATABASE_URL }, { TIDEGATE_ONLY: "market-api" }]) {
      expect(releaseSchema.safeParse(plan(env)).error?.issues ?? []).toEqual([]);
    }
  });

  it("holds no secret", () => {
    expect(JSON.stringify(plan({ DATABASE_URL }))).not.toContain("hunter2");
  });

  it("has another tag when code, settings or the database change, else the same", () => {
    const tags = [
      plan({}),
      plan({}, "other"),
      plan(REAL),
      plan({ DATABASE_URL }),
      plan({ DATABASE_URL: `${DATABASE_URL}2` }),
    ].map((one) => one.tag);
    expect(new Set(tags).size).toBe(tags.length);
    expect(plan({}).tag).toBe(plan({}).tag);
  });

  it("passes the real chain's id and market on", () => {
    const indexer = plan(REAL).services["market-indexer"];
    expect(indexer?.command.join(" ")).toContain(`--boundless-market-address ${REAL.BOUNDLESS_MARKET_ADDRESS}`);
    expect(indexer?.env).toEqual({ CHAIN_ID: "8453" });
  });

  it("gives no two services the same port, whatever the base", () => {
    const ports = Object.values(installationPorts(1024));
    expect(new Set(ports).size).toBe(ports.length);
    expect(Math.max(...ports)).toBeLessThan(1024 + 100);
  });
});
