// Against a real HTTP server that takes Bugsnag's deliveries: what arrives, and that flush waits for it.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { TidegateError } from "../errors/tidegate-error.ts";
import { Secret } from "../secret.ts";
import { createBugsnagReporter } from "./bugsnag-reporter.ts";
import { withReporter } from "./reporter.ts";

let server: Server | undefined;
afterEach(() => server?.close());

async function receiver(delayMs: number): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      setTimeout(() => {
        bodies.push(body);
        response.writeHead(202).end();
      }, delayMs);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

const reporterTo = (url: string, onUndelivered?: (error: unknown) => void) =>
  createBugsnagReporter({
    apiKey: new Secret("0".repeat(32)),
    endpoints: { notify: url, sessions: url },
    ...(onUndelivered === undefined ? {} : { onUndelivered }),
  });

it("delivers the error in full before the handler returns", async () => {
  const { url, bodies } = await receiver(100);
  const failing = withReporter(reporterTo(url), () =>
    Promise.reject(new TidegateError({ code: "db.down", message: "Down.", remedy: "Start it.", details: { rows: 3 } })),
  );
  await expect(failing).rejects.toThrow("Down.");
  expect(bodies).toHaveLength(1);
  expect(JSON.parse(bodies[0] ?? "")).toMatchObject({
    events: [
      {
        exceptions: [{ message: "Down." }],
        metaData: { tidegate: { error: { code: "db.down", details: { rows: 3 } } } },
      },
    ],
  });
});

it("does not hold a handler longer than its limit", async () => {
  const { url } = await receiver(5_000);
  const reporter = reporterTo(url);
  reporter.report(new Error("late"));
  const start = performance.now();
  await reporter.flush(50);
  expect(performance.now() - start).toBeLessThan(2_000);
});

it("tells of a report that could not be delivered", async () => {
  const { url } = await receiver(0);
  server?.close();
  server?.closeAllConnections();
  const undelivered: unknown[] = [];
  const reporter = reporterTo(url, (error) => undelivered.push(error));
  reporter.report(new Error("lost"));
  await reporter.flush(2_000);
  expect(undelivered).toHaveLength(1);
});
