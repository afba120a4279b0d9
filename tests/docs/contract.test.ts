// docs/contract.md is a promise: every line of the seeds is there, and what is called kept names code and a test that exist.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tableRows } from "./table-rows.ts";

const root = new URL("../../", import.meta.url).pathname;
const IDS = [ids("CA", 12), ids("CB", 12), ids("CM", 16), ids("CL", 5), ids("CE", 8)].flat();
const rows = tableRows(readFileSync(join(root, "docs/contract.md"), "utf8"));

function ids(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

it("has every line of the seeds once, in order", () => {
  expect(rows.map((row) => row["id"])).toEqual(IDS);
});

describe.each(rows.map((row) => [row["id"], row] as const))("%s", (_id, row) => {
  it("has a state, and what that state asks for", () => {
    expect(["kept", "deviated", "begun", "open"]).toContain(row["state"]);
    if (row["state"] === "open") return;
    if (row["state"] !== "kept") expect(row["note"], "a deviated or begun line says why in its note").not.toBe("");
    expect(row["where"], "names where it is").not.toBe("");
    expect(row["test"], "names its test").not.toBe("");
    for (const path of split(row["where"])) expect(existsSync(join(root, path)), `${path} exists`).toBe(true);
    for (const named of split(row["test"])) expectTest(named);
  });
});

function split(cell: string | undefined): string[] {
  return (cell ?? "").split(";").map((part) => part.trim().replaceAll("`", ""));
}

/** `path > title`: the file exists and holds the title. */
function expectTest(named: string): void {
  const [path = "", title = ""] = named.split(" > ");
  expect(path).toMatch(/\.test\.ts$/);
  expect(existsSync(join(root, path)), `${path} exists`).toBe(true);
  expect(title, `${named} names a test's title`).not.toBe("");
  const text = readFileSync(join(root, path), "utf8");
  expect(text, `${path} holds a test "${title}"`).toContain(title);
  expect(text, `${path} leaves nothing out`).not.toMatch(/\b(it|test|describe)\.(skip|only|todo)\b/);
}
