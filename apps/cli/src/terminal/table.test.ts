import { expect, it } from "vitest";
import { table } from "./table.ts";

it("pads every column but the last", () => {
  expect(
    table([
      ["NAME", "STATE"],
      ["postgres", "healthy"],
      ["x", ""],
    ]),
  ).toEqual(["NAME      STATE", "postgres  healthy", "x"]);
});
