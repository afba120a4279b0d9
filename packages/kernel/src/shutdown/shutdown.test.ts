import { expect, it } from "vitest";
import { createShutdown } from "./shutdown.ts";

it("closes in reverse order, once, after aborting the signal", async () => {
  const shutdown = createShutdown();
  const seen: string[] = [];
  shutdown.signal.addEventListener("abort", () => seen.push("abort"));
  shutdown.onClose("pool", () => void seen.push("pool"));
  shutdown.onClose("server", async () => {
    await Promise.resolve();
    seen.push("server");
  });
  await Promise.all([shutdown.stop("SIGTERM"), shutdown.stop("SIGINT")]);
  expect(seen).toEqual(["abort", "server", "pool"]);
});

it("closes the rest when one fails, and tells the failure", async () => {
  const shutdown = createShutdown();
  let closed = false;
  shutdown.onClose("pool", () => void (closed = true));
  shutdown.onClose("server", () => Promise.reject(new Error("stuck")));
  await expect(shutdown.stop("test")).rejects.toThrow("Closing failed");
  expect(closed).toBe(true);
});

it("gives up after its limit and names what hangs", async () => {
  const shutdown = createShutdown({ limitMs: 20 });
  shutdown.onClose("consumer", () => new Promise(() => undefined));
  await expect(shutdown.stop("test")).rejects.toThrow('Closing "consumer" did not happen within 20 ms');
});
