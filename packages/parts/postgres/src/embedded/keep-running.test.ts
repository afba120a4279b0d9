import { Secret, systemClock, type Clock } from "@tidegate/kernel";
import { expect, test } from "vitest";
import { keepRunning } from "./keep-running.ts";
import type { EmbeddedServer } from "./start-embedded.ts";

/** A server whose end the test decides; `waitForExit` rejects when aborted, as the real one does. */
function startedServer(waitForExit: EmbeddedServer["waitForExit"]): EmbeddedServer {
  return {
    url: new Secret(""),
    port: 5001,
    pid: 1,
    dataDir: "",
    clusterDir: "",
    version: "18",
    adopted: false,
    stop: () => Promise.resolve(),
    alive: () => true,
    waitForExit,
  };
}

const instantClock: Clock = { ...systemClock, monotonicMs: () => 0, sleep: () => Promise.resolve() };

test("starts again, on the same port, what died; returns the living server when told to stop", async () => {
  const abort = new AbortController();
  const ports: Array<number | undefined> = [];
  const deaths: number[] = [];
  const untilAborted = (): Promise<void> => {
    abort.abort(new Error("stop"));
    return Promise.reject(abort.signal.reason);
  };
  const server = await keepRunning({
    start: (port) => {
      ports.push(port);
      return Promise.resolve(startedServer(ports.length === 3 ? untilAborted : () => Promise.resolve()));
    },
    onStarted: () => undefined,
    onDied: (died) => deaths.push(died.port),
    clock: instantClock,
    signal: abort.signal,
  });
  expect(ports).toEqual([undefined, 5001, 5001]);
  expect(deaths).toEqual([5001, 5001]);
  expect(server.port).toBe(5001);
});

test("gives up on a server that dies again and again", async () => {
  let starts = 0;
  const start = (): Promise<EmbeddedServer> => {
    starts++;
    return Promise.resolve(startedServer(() => Promise.resolve()));
  };
  const { signal } = new AbortController();
  const ignore = (): void => undefined;
  await expect(
    keepRunning({ start, onStarted: ignore, onDied: ignore, clock: instantClock, signal }),
  ).rejects.toMatchObject({ name: "PostgresStartFailed", exit: 69 });
  expect(starts).toBe(5);
});
