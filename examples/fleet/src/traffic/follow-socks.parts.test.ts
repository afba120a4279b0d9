// A websocket client over a Socks that is not there yet, or no more.
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { waitUntil } from "@tidegate/kernel";
import { expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { followSocks, type FollowTotals } from "./follow-socks.ts";

const LIMIT = { limitMs: 10_000, everyMs: 10, remedy: "" };

it("connects again until somebody answers, whatever went wrong", async () => {
  let refused = 0;
  const deaf = createServer((socket) => {
    refused++;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(deaf, "listening");
  const { port } = deaf.address() as AddressInfo;

  const totals: FollowTotals = { connections: 0, trades: 0, byVersion: {} };
  const over = new AbortController();
  const following = followSocks(`ws://127.0.0.1:${port}`, over.signal, totals);
  await waitUntil(() => (refused >= 2 ? true : undefined), { what: "Two tries", ...LIMIT });
  await once(deaf.close(), "close");

  const socks = new WebSocketServer({ host: "127.0.0.1", port });
  socks.on("connection", (socket) => socket.send(JSON.stringify({ type: "trade", pushedBy: "v1" })));
  await waitUntil(() => (totals.trades > 0 ? true : undefined), { what: "A trade", ...LIMIT });
  over.abort();
  await following;
  expect(totals).toEqual({ connections: 1, trades: 1, byVersion: { v1: 1 } });
  socks.close();
  await once(socks, "close");
});
