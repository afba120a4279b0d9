// Indexer and a peer in turns; what the peer stored is compared with what the indexer stored.
import type { KeptChain } from "../index-chain/ensure-chain.ts";
import type { Replay } from "../index-chain/replay/start-replay.ts";
import { openMarketDatabase } from "../index-chain/runs/market-database.ts";
import { expectEqualSums, type TableSums } from "../index-chain/runs/table-sums.ts";
import { runPeer, sumOurTables, type PeerName } from "../peers/run-peer.ts";
import { syncByIndexer } from "./sync-history.ts";

export interface PeerSample {
  readonly indexerMs: number;
  readonly peerMs: number;
}

interface Run {
  readonly ms: number;
  readonly sums: TableSums;
}

export async function measurePeers(input: {
  readonly chain: KeptChain;
  readonly replay: Replay;
  readonly peer: PeerName;
  readonly pairs: number;
}): Promise<readonly PeerSample[]> {
  const { chain, replay, peer, pairs } = input;
  const rpcUrl = replay.url(chain);
  const ours = (): Promise<Run> => runOurs(chain, rpcUrl);
  const theirs = (): Promise<Run> => runPeer(peer, { chain, rpcUrl });
  const samples: PeerSample[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const first = pair % 2 === 0 ? await ours() : await theirs();
    const second = pair % 2 === 0 ? await theirs() : await ours();
    const [own, other] = pair % 2 === 0 ? [first, second] : [second, first];
    expectEqualSums(peer, own.sums, other.sums);
    console.error(`pair ${pair + 1} of ${pairs}: indexer ${own.ms.toFixed(0)} ms, ${peer} ${other.ms.toFixed(0)} ms`);
    samples.push({ indexerMs: own.ms, peerMs: other.ms });
  }
  return samples;
}

async function runOurs(chain: KeptChain, rpcUrl: string): Promise<Run> {
  const database = await openMarketDatabase();
  try {
    const { ms } = await syncByIndexer({ chain, rpcUrl, database, lastBlock: chain.facts.lastBlock, flags: [] });
    return { ms, sums: await sumOurTables(database.pool) };
  } finally {
    await database.close();
  }
}
