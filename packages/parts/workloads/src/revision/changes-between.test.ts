import { expect, it } from "vitest";
import { changesBetween, isSame } from "./changes-between.ts";

const isSecret = (path: string): boolean => path.includes("environment");

it("shows each leaf that differs, sorted, by the names of list items", () => {
  const before = {
    cpu: "256",
    containers: [
      { name: "a", image: "x:1" },
      { name: "b", image: "y:1" },
    ],
    old: true,
  };
  const after = {
    cpu: "512",
    containers: [
      { name: "b", image: "y:1" },
      { name: "a", image: "x:2" },
    ],
    fresh: [1, 2],
  };
  expect(changesBetween(before, after, isSecret)).toEqual([
    { path: "containers[a].image", before: '"x:1"', after: '"x:2"' },
    { path: "cpu", before: '"256"', after: '"512"' },
    { path: "fresh[0]", before: null, after: "1" },
    { path: "fresh[1]", before: null, after: "2" },
    { path: "old", before: "true", after: null },
  ]);
});

it("never shows a value that may be secret", () => {
  const changes = changesBetween(
    { environment: [{ name: "PASSWORD", value: "old secret" }] },
    { environment: [{ name: "PASSWORD", value: "new secret" }] },
    isSecret,
  );
  expect(changes).toMatchObject([{ path: "environment[PASSWORD].value" }]);
  expect(changes[0]?.before).toMatch(/^"sha256:[0-9a-f]{8}"$/);
  expect(changes[0]?.before).not.toBe(changes[0]?.after);
  expect(JSON.stringify(changes)).not.toContain("secret");
});

it("takes an empty list for nothing, and two of one name by position", () => {
  expect(isSame({ a: [], b: {}, c: undefined }, {})).toBe(true);
  expect(isSame({ a: 0 }, {})).toBe(false);
  const twice = (second: string) => ({
    tags: [
      { key: "k", value: "1" },
      { key: "k", value: second },
    ],
  });
  expect(changesBetween(twice("2"), twice("3"), () => false)).toEqual([
    { path: "tags[1].value", before: '"2"', after: '"3"' },
  ]);
});
