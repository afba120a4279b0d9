// A program for tests that kill it: runs the chain of a folder with 50 ms blocks and prints its address and events as JSON lines.
import { writeSync } from "node:fs";
import { startEmbeddedChain } from "./start-embedded-chain.ts";

const [dataDir = "", port = "0"] = process.argv.slice(2);
const print = (value: unknown): void => void writeSync(1, `${JSON.stringify(value)}\n`);
const chain = await startEmbeddedChain({
  dataDir,
  port: Number(port),
  blockTimeMs: 50,
  snapshotEveryBlocks: 30,
  onEvent: (event) => print(event.code === "chain.failed" ? { code: event.code, error: String(event.error) } : event),
});
print({ code: "up", url: chain.url, pid: chain.pid() });
process.once("SIGTERM", () => void chain.stop());
