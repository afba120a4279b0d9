// Clients at the gate: held while it is shut or paused, through while it is open.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ChainPortTaken } from "./errors.ts";
import { createGate, type Gate } from "./gate.ts";

let echo: Server;
let echoPort: number;
let gate: Gate;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => void socket.on("error", () => socket.destroy()).pipe(socket)).listen(0, "127.0.0.1");
  await once(echo, "listening");
  echoPort = (echo.address() as AddressInfo).port;
  gate = await createGate(0);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await gate.close();
  echo.close();
});

async function join(): Promise<Socket> {
  const client = connect(gate.port, "127.0.0.1");
  client.on("error", () => client.destroy());
  clients.push(client);
  await once(client, "connect");
  return client;
}

/** Sends, and gives what comes back. */
async function echoOf(client: Socket, text: string): Promise<string> {
  const answer = once(client, "data");
  client.write(text);
  return String((await answer)[0]);
}

test("a client that comes while the gate is shut is served when it opens", async () => {
  const client = await join();
  const answer = echoOf(client, "early");
  gate.open(echoPort);
  expect(await answer).toBe("early");
});

test("shutting ends the connections; new ones wait for the next opening", async () => {
  gate.open(echoPort);
  const client = await join();
  expect(await echoOf(client, "one")).toBe("one");
  const ended = once(client, "close");
  gate.shut();
  await ended;
  const next = await join();
  const answer = echoOf(next, "two");
  gate.open(echoPort);
  expect(await answer).toBe("two");
});

test("a pause holds back what is sent, of old and new connections, until it is over", async () => {
  gate.open(echoPort);
  const [old, direct] = [await join(), connect(echoPort, "127.0.0.1")];
  clients.push(direct);
  expect(await echoOf(old, "before")).toBe("before");
  gate.pause();
  const young = await join();
  const answers = Promise.all([echoOf(old, "old"), echoOf(young, "young")]).then(() => "answered");
  // Round trips past the gate give the held bytes every chance to slip through.
  for (let round = 0; round < 20; round++) await echoOf(direct, "round");
  expect(await Promise.race([answers, Promise.resolve("held")])).toBe("held");
  gate.resume();
  expect(await answers).toBe("answered");
});

test("a port that is taken is told by its number, with exit code 69", async () => {
  const error: unknown = await createGate(echoPort).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ChainPortTaken);
  expect(error).toMatchObject({ code: "chain.port-taken", exit: 69, details: { port: echoPort } });
});
