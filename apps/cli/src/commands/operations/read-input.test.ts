import { expect, it } from "vitest";
import { setField } from "./read-input.ts";

it("sets fields by path, as JSON or as text", () => {
  const input = ["steps=3", "stage=main", "deep.er.flag=true", "list=[1,2]", "text=a=b"].reduce(setField, {});
  expect(input).toEqual({ steps: 3, stage: "main", deep: { er: { flag: true } }, list: [1, 2], text: "a=b" });
});

it.each(["steps", "=3", "a..b=1", "__proto__.x=1"])("refuses --set %s", (assignment) => {
  expect(() => setField({}, assignment)).toThrow(`--set ${assignment}`);
});

it("does not put a field into what is no object", () => {
  expect(() => setField({ a: 1 }, "a.b=2")).toThrow("what it would stand in is no object");
});
