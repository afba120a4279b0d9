import { expect, it } from "vitest";
import { TidegateError } from "../errors/tidegate-error.ts";
import { Secret } from "../secret.ts";
import { createLogger } from "./logger.ts";

function capture() {
  const lines: string[] = [];
  const log = createLogger({
    service: "test",
    level: "debug",
    destination: { write: (line: string) => void lines.push(line) },
  });
  return { log, last: () => JSON.parse(lines.at(-1) ?? "null") as Record<string, unknown>, raw: () => lines.join("") };
}

it("writes at, message, context, service and level as JSON", () => {
  const { log, last } = capture();
  log.child({ topic: "orders" }).warn("retry#wait", "Waiting", { attempt: 2, block: 12345678901234567890n });
  expect(last()).toMatchObject({
    level: "warn",
    service: "test",
    at: "retry#wait",
    message: "Waiting",
    topic: "orders",
    attempt: 2,
    block: "12345678901234567890",
  });
});

it("serialises an error in full, with code, details and every cause", () => {
  const { log, last } = capture();
  const root = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  const error = new TidegateError({
    code: "db.down",
    message: "Down.",
    remedy: "Start it.",
    details: { rows: 3n },
    cause: root,
  });
  log.error("store#commit", "Failed", { error, tries: [new Error("first")] });
  expect(last()).toMatchObject({
    error: {
      message: "Down.",
      code: "db.down",
      remedy: "Start it.",
      details: { rows: "3" },
      cause: { message: "refused", code: "ECONNREFUSED" },
    },
    tries: [{ message: "first" }],
  });
});

it("never writes a secret", () => {
  const { log, raw } = capture();
  const secret = new Secret("hunter2");
  log.info("x#y", `as text ${String(secret)}`, {
    secret,
    nested: { list: [secret] },
    error: new Error("e", { cause: secret }),
  });
  expect(raw()).not.toContain("hunter2");
  expect(raw()).toContain("[secret]");
});
