// Asking an indexer over HTTP: what it may answer, and what is done when it does not.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { indexerReport } from "./indexer-report.ts";

/** A server that answers every request with this, or with nothing at all. */
async function serving(status: number, body: string | undefined): Promise<Server & AsyncDisposable & { url: string }> {
  const server = createServer((_, response) => {
    if (body !== undefined) response.writeHead(status).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return Object.assign(server, { url: `http://127.0.0.1:${port}/health`, [Symbol.asyncDispose]: close });
}

it.each([
  [200, { head: 5, eventsPerSecond: 1.5, status: "healthy" }, { head: 5n, eventsPerSecond: 1.5 }],
  [200, { head: "18446744073709551616" }, { head: 2n ** 64n, eventsPerSecond: null }],
  [200, { head: null, eventsPerSecond: null }, { head: null, eventsPerSecond: null }],
  // Unhealthy, but it knows.
  [503, { head: 7, eventsPerSecond: 0 }, { head: 7n, eventsPerSecond: 0 }],
] as const)("reads %i %j", async (status, body, expected) => {
  await using indexer = await serving(status, JSON.stringify(body));
  expect(await indexerReport(indexer.url, 2_000)).toEqual(expected);
});

it.each([
  ["<html>", "its answer is not a progress report"],
  ['{"head": -1}', "its answer is not a progress report"],
  ['{"head": "0x5"}', "its answer is not a progress report"],
  ["[]", "its answer is not a progress report"],
])("refuses %s", async (body, reason) => {
  await using indexer = await serving(200, body);
  const message = `The market indexer at ${indexer.url} did not report its progress: ${reason}.`;
  await expect(indexerReport(indexer.url, 2_000)).rejects.toMatchObject({ name: "IndexerSilent", message });
});

it("waits no longer than its limit", async () => {
  await using indexer = await serving(200, undefined);
  await expect(indexerReport(indexer.url, 50)).rejects.toThrow("no answer within 50 ms");
});

it("says when nobody listens", async () => {
  const indexer = await serving(200, "{}");
  const { url } = indexer;
  await indexer[Symbol.asyncDispose]();
  await expect(indexerReport(url, 2_000)).rejects.toThrow("it cannot be reached");
});
