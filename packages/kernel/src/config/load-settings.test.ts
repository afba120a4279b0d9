import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { ConfigInvalid } from "./config-error.ts";
import { evmAddress, httpUrl, secretText, wholeNumber, yesOrNo } from "./forms.ts";
import { explainSettings, loadSettings } from "./load-settings.ts";
import { setting } from "./setting.ts";

const settings = {
  rpcUrl: setting({
    schema: httpUrl,
    env: ["ETH_RPC_URL", "RPC_URL"],
    flag: "rpc-url",
    describe: "The chain's endpoint",
  }),
  retries: setting({
    schema: wholeNumber({ min: 0, max: 100 }).default(10),
    env: ["RETRIES"],
    flag: "retries",
    describe: "Tries",
  }),
  verbose: setting({ schema: yesOrNo.default(false), env: [], flag: "verbose", describe: "Say more" }),
  market: setting({ schema: evmAddress.optional(), env: ["MARKET"], describe: "The market" }),
  key: setting({ schema: secretText.optional(), env: ["API_KEY"], describe: "A key", secret: true }),
  bento: setting({ schema: z.string().optional(), env: ["BENTO"], describe: "Later", inert: "cycle counts" }),
};
const required = { ETH_RPC_URL: "http://127.0.0.1:1" };
const folder = mkdtempSync(join(tmpdir(), "tidegate-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

function envFile(text: string): string {
  const path = join(folder, `${Math.random()}.env`);
  writeFileSync(path, text);
  return path;
}

function problemsOf(input: Parameters<typeof loadSettings>[1]): readonly string[] {
  try {
    loadSettings(settings, input);
  } catch (error) {
    if (error instanceof ConfigInvalid)
      return error.problems.map((one) => `${one.path} | ${one.value ?? ""} | ${one.problem}`);
    throw error;
  }
  return [];
}

describe("loadSettings", () => {
  it("prefers flag over environment over env file over default", () => {
    const file = envFile("RETRIES=3\n");
    const of = (argv: string[], env: Record<string, string>) =>
      loadSettings(settings, { argv, env: { ...required, ...env }, envFile: file }).values.retries;
    expect(of(["--retries", "1"], { RETRIES: "2" })).toBe(1);
    expect(of([], { RETRIES: "2" })).toBe(2);
    expect(of([], {})).toBe(3);
    expect(loadSettings(settings, { env: required }).values.retries).toBe(10);
  });

  it("takes aliases in their order and treats an empty variable as not given", () => {
    const env = { ETH_RPC_URL: "", RPC_URL: "http://127.0.0.1:2" };
    expect(loadSettings(settings, { env }).values.rpcUrl).toBe("http://127.0.0.1:2");
  });

  it("reads --name=value, --name value and a bare --name", () => {
    const { values } = loadSettings(settings, { argv: ["--rpc-url=http://127.0.0.1:3", "--verbose"] });
    expect(values).toMatchObject({ rpcUrl: "http://127.0.0.1:3", verbose: true });
  });

  it("tells every problem at once, each with path, value and allowed form", () => {
    expect(problemsOf({ argv: ["--retires", "3", "--retries", "many"], env: { MARKET: "0x12" } })).toEqual([
      "--retires |  | is not a known flag; did you mean --retries?",
      "3 |  | is not a flag; flags are --name value or --name=value",
      "rpcUrl (ETH_RPC_URL, RPC_URL, --rpc-url) |  | is required: The chain's endpoint",
      '--retries | "many" | must be a whole number from 0 to 100',
      'MARKET | "0x12" | must be an address: 0x and 40 hexadecimal digits',
    ]);
  });

  it("refuses a flag given twice", () => {
    expect(problemsOf({ argv: ["--retries", "1", "--retries=2"], env: required })).toEqual([
      "--retries |  | is given twice",
    ]);
  });

  it("refuses an unknown key in the env file, unless another service reads it", () => {
    const file = envFile("RETRYS=3\nTHEIRS=1\n");
    expect(problemsOf({ env: required, envFile: file, otherKeys: ["THEIRS"] })).toEqual([
      `RETRYS in ${file} |  | is not a known key; did you mean RETRIES?`,
    ]);
  });

  it("says so when the env file cannot be read", () => {
    expect(problemsOf({ env: required, envFile: "/nowhere/x.env" })[0]).toContain("cannot be read");
  });

  it("never shows a secret, neither explained nor in an error", () => {
    const { explained, values } = loadSettings(settings, { env: { ...required, API_KEY: "hunter2" } });
    expect(JSON.stringify(explained)).not.toContain("hunter2");
    expect(JSON.stringify(values)).not.toContain("hunter2");
    expect(values.key?.reveal()).toBe("hunter2");
  });

  it("names settings that were given but have no effect yet", () => {
    const { inertGiven } = loadSettings(settings, { env: { ...required, BENTO: "x" } });
    expect(inertGiven.map((one) => [one.source, one.inert])).toEqual([["BENTO", "cycle counts"]]);
    expect(loadSettings(settings, { env: required }).inertGiven).toEqual([]);
  });

  it("explains what is there also where something is missing or wrong", () => {
    const { explained, problems } = explainSettings(settings, { argv: ["--retries=x"] });
    expect(problems.map((one) => one.path)).toEqual(["rpcUrl (ETH_RPC_URL, RPC_URL, --rpc-url)", "--retries"]);
    expect(explained.map((one) => one.name)).toEqual(["verbose", "market", "key", "bento"]);
  });

  it("explains where each value came from", () => {
    const { explained } = loadSettings(settings, { argv: ["--retries=4"], env: required });
    expect(explained.map((one) => [one.name, one.value, one.origin, one.source]).slice(0, 3)).toEqual([
      ["rpcUrl", "http://127.0.0.1:1", "environment", "ETH_RPC_URL"],
      ["retries", "4", "flag", "--retries"],
      ["verbose", "false", "default", "--verbose"],
    ]);
  });
});
