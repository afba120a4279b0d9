// docs/defects.md names, for each defect that was found elsewhere, the test that would fail if it came back here.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tableRows } from "./table-rows.ts";

const root = new URL("../../", import.meta.url).pathname;
const rows = tableRows(readFileSync(join(root, "docs/defects.md"), "utf8"));

it("lists defects", () => expect(rows.length).toBeGreaterThan(0));

it.each(rows.map((row) => [row["id"], row] as const))("%s names a test that exists", (_id, row) => {
  const [path = "", title = ""] = (row["test"] ?? "").replaceAll("`", "").split(" > ");
  expect(existsSync(join(root, path)), `${path} exists`).toBe(true);
  expect(title).not.toBe("");
  const text = readFileSync(join(root, path), "utf8");
  expect(text).toContain(title);
  expect(text, "leaves nothing out").not.toMatch(/\b(it|test|describe)\.(skip|only|todo)\b/);
  expect(row["seen failing"], "says how it was seen failing").not.toBe("");
});
