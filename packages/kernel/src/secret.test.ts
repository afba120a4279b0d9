import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { redactUrl, Secret } from "./secret.ts";

it("a secret shows itself only when revealed", () => {
  const secret = new Secret("hunter2");
  expect(
    [
      String(secret),
      JSON.stringify({ secret }),
      inspect(secret, { depth: 9, showHidden: true }),
      Object.keys(secret).join(""),
    ].join(),
  ).not.toContain("hunter2");
  expect(secret.reveal()).toBe("hunter2");
});

describe("redactUrl", () => {
  it.each([
    ["postgres://tide:pw@127.0.0.1:5432/market", "postgres://tide:***@127.0.0.1:5432/market"],
    ["https://base-mainnet.example/v2/abcdefghijklmnop", "https://base-mainnet.example/v2/***"],
    ["https://rpc.example/?key=abc", "https://rpc.example/?***"],
    ["http://127.0.0.1:8545", "http://127.0.0.1:8545/"],
    ["nonsense", "(not a URL)"],
  ])("%s → %s", (url, expected) => expect(redactUrl(url)).toBe(expected));
});
