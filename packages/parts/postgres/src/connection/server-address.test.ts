import { Secret } from "@tidegate/kernel";
import { expect, test } from "vitest";
import { serverAddress } from "./server-address.ts";

test.each([
  ["postgres://me:secret@db.example:6432/app?sslmode=require", "db.example:6432/app"],
  ["postgresql://db.example/app", "db.example:5432/app"],
  ["postgres:///app?host=/var/run/postgresql", "/var/run/postgresql:5432/app"],
  ["nonsense", "(not a URL)"],
])("%s is shown as %s", (url, shown) => {
  expect(serverAddress(new Secret(url))).toBe(shown);
});
