// Nothing is left at work, and the error is that of what came first.
import { expect, it } from "vitest";
import { settleBoth } from "./settle-both.ts";

it("gives both values", async () => {
  expect(await settleBoth(Promise.resolve(1), Promise.resolve("a"))).toEqual([1, "a"]);
});

it("waits for the second where the first has failed, and throws the first one's error", async () => {
  const second = Promise.withResolvers<void>();
  let isOver = false;
  const both = settleBoth(Promise.reject(new Error("first")), second.promise).finally(() => (isOver = true));
  both.catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  second.reject(new Error("second"));
  await expect(both).rejects.toThrow("first");
});

it("throws the second one's error where only that failed", async () => {
  await expect(settleBoth(Promise.resolve(), Promise.reject(new Error("second")))).rejects.toThrow("second");
});
