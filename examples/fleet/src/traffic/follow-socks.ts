// A websocket client of Socks that connects again whenever it is put out.
import { systemClock } from "@tidegate/kernel";
import { WebSocket } from "ws";
import * as z from "zod";
import { sleepUnlessStopped } from "../service/keep-trying.ts";

export interface FollowTotals {
  connections: number;
  trades: number;
  /** By who pushed it. */
  readonly byVersion: Record<string, number>;
}

const PAUSE_MS = 100;
const CONNECT_LIMIT_MS = 5_000;

const message = z.object({ type: z.string(), pushedBy: z.string().optional() });

/** Follows until the signal is aborted; counts into `totals`. */
export async function followSocks(url: string, signal: AbortSignal, totals: FollowTotals): Promise<void> {
  while (!signal.aborted) {
    const socket = new WebSocket(url, { handshakeTimeout: CONNECT_LIMIT_MS });
    const stop = (): void => socket.close();
    signal.addEventListener("abort", stop, { once: true });
    // The close event follows, and is what counts; node:events' `once` would throw the error first, and end the traffic.
    socket.on("error", () => undefined);
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("open", () => void (totals.connections += 1));
    socket.on("message", (data: Buffer) => {
      const said = message.parse(JSON.parse(data.toString("utf8")));
      if (said.type !== "trade") return;
      totals.trades += 1;
      const by = said.pushedBy ?? "unknown";
      totals.byVersion[by] = (totals.byVersion[by] ?? 0) + 1;
    });
    await closed;
    signal.removeEventListener("abort", stop);
    await sleepUnlessStopped(systemClock, PAUSE_MS, signal);
  }
}
