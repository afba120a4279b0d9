// The whole state of the chain in one file, so that a start replays only the blocks after it. Verified when it is used: a bad
// snapshot costs a full replay, never a wrong chain.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { hexToBuffer } from "../abi/hex.ts";
import type { ChainHead } from "./chain-node.ts";
import type { NodeRpc } from "./node-rpc.ts";

export interface Snapshot {
  readonly file: string;
  readonly number: number;
  readonly hash: string;
}

const FILE = /^(\d{10})-(0x[0-9a-f]{64})\.json$/;

/** Writes the state at `head`, which nobody may change meanwhile, and drops the older snapshots. */
export async function writeSnapshot(rpc: NodeRpc, folder: string, head: ChainHead): Promise<Snapshot> {
  mkdirSync(folder, { recursive: true });
  const packed = hexToBuffer(await rpc.call<string>("anvil_dumpState", []), "anvil_dumpState");
  const state = await promisify(gunzip)(packed);
  const name = `${String(head.number).padStart(10, "0")}-${head.hash}.json`;
  const unfinished = join(folder, "unfinished");
  const handle = await open(unfinished, "w");
  try {
    await handle.writeFile(state);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, join(folder, name));
  for (const file of readdirSync(folder)) if (file !== name) rmSync(join(folder, file));
  return { file: join(folder, name), number: head.number, hash: head.hash };
}

/** The newest snapshot. */
export function findSnapshot(folder: string): Snapshot | undefined {
  mkdirSync(folder, { recursive: true });
  const [, number, hash] =
    readdirSync(folder)
      .toSorted()
      .reverse()
      .map((file) => FILE.exec(file))
      .find((match) => match !== null) ?? [];
  if (number === undefined || hash === undefined) return undefined;
  return { file: join(folder, `${number}-${hash}.json`), number: Number(number), hash };
}
