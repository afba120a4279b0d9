import { expect, it } from "vitest";
import { waitUntil } from "./wait-until.ts";

it("returns what was seen, as soon as it is", async () => {
  let looks = 0;
  const seen = await waitUntil(() => (++looks === 3 ? "here" : undefined), {
    what: "It",
    limitMs: 1_000,
    remedy: "-",
    everyMs: 1,
  });
  expect([seen, looks]).toEqual(["here", 3]);
});

it("throws after its limit, with what and remedy", async () => {
  const waiting = waitUntil(() => undefined, { what: "The tide", limitMs: 5, remedy: "Look at the moon.", everyMs: 1 });
  await expect(waiting).rejects.toMatchObject({
    code: "wait.timed-out",
    remedy: "Look at the moon.",
    message: "The tide did not happen within 5 ms.",
  });
});
