// How long does a history of 300,600 events take, and how much memory, against a probe that does nothing but fetch and COPY, and against
// Ponder and Subsquid?
import { ensureChain, type KeptChain } from "../index-chain/ensure-chain.ts";
import { HISTORY } from "../index-chain/chain-shape.ts";
import { startReplay, type Replay } from "../index-chain/replay/start-replay.ts";
import { withServer } from "../index-chain/runs/market-database.ts";
import { installPeer, peerVersion, type PeerName } from "../peers/run-peer.ts";
import { atLeast, atMost, type Bar, type Bench } from "../bar.ts";
import { measurePairs, type SyncPair } from "./measure-pairs.ts";
import { measurePeers, type PeerSample } from "./measure-peers.ts";
import { STATUSES_OFF } from "./statuses-off.ts";

/** The issue's own bars. */
const WITH_STATUSES_BAR = 2;
const WITHOUT_STATUSES_BAR = 1.5;
const RSS_BAR_MB = 400;
const PEER_BARS: Readonly<Record<PeerName, number>> = { ponder: 15, subsquid: 5 };
/** "Flat": three times the history may take so much more. */
const GROWTH_BAR = 1.2;

const LATENCIES_MS = [0, 20, 100];
const PEERS: readonly PeerName[] = ["subsquid", "ponder"];

export const bench: Bench = async ({ isQuick }) => {
  for (const peer of PEERS) installPeer(peer);
  const chain = await ensureChain(HISTORY);
  const replay = await startReplay([chain]);
  const pairs = isQuick ? 1 : 7;
  try {
    return await withServer(async () => {
      const bars: Bar[] = [];
      for (const latencyMs of LATENCIES_MS) bars.push(...(await pairBars({ chain, replay, latencyMs, pairs })));
      await replay.control(chain, { latencyMs: 0 });
      for (const peer of PEERS) bars.push(...peerBars(chain, peer, await measurePeers({ chain, replay, peer, pairs })));
      return bars;
    });
  } finally {
    await replay.stop();
  }
};

interface Measured {
  readonly chain: KeptChain;
  readonly replay: Replay;
  readonly latencyMs: number;
  readonly pairs: number;
}

async function pairBars({ chain, replay, latencyMs, pairs }: Measured): Promise<readonly Bar[]> {
  await replay.control(chain, { latencyMs });
  const where = `latency ${latencyMs} ms`;
  const size = sizeOf(chain);
  const full = await measurePairs({ chain, replay, pairs, flags: [] });
  const bare = STATUSES_OFF === undefined ? [] : await measurePairs({ chain, replay, pairs, flags: STATUSES_OFF });
  const memory = latencyMs === 0 ? memoryBars(full, size) : [];
  return [
    ...timeBars({ samples: full, what: "with statuses", where, size, bar: WITH_STATUSES_BAR }),
    ...(bare.length === 0
      ? []
      : timeBars({ samples: bare, what: "without statuses", where, size, bar: WITHOUT_STATUSES_BAR })),
    ...memory,
  ];
}

function timeBars(input: {
  readonly samples: readonly SyncPair[];
  readonly what: string;
  readonly where: string;
  readonly size: string;
  readonly bar: number;
}): readonly Bar[] {
  const { samples, what, where, size, bar } = input;
  const reported = (name: string, value: (pair: SyncPair) => number): Bar =>
    atMost(`${name}, ${where}`, samples.map(value), size);
  return [
    atMost(
      `history ${what}, ratio to the probe, ${where}`,
      samples.map((pair) => pair.indexerMs / pair.probeMs),
      size,
      bar,
    ),
    reported(`history ${what}, s`, (pair) => pair.indexerMs / 1_000),
    reported("the probe, s", (pair) => pair.probeMs / 1_000),
    reported(`history ${what}, CPU s of the indexer`, (pair) => pair.indexerCpu),
    reported("the probe, its CPU s", (pair) => pair.probeCpu),
    reported("replay server, CPU s in the probe's run", (pair) => pair.replayCpu),
  ];
}

function memoryBars(samples: readonly SyncPair[], size: string): readonly Bar[] {
  return [
    atMost(
      "peak RSS of the indexer, MB",
      samples.map((pair) => pair.indexerMb),
      size,
      RSS_BAR_MB,
    ),
    atMost(
      "peak RSS, whole history to its first third",
      samples.map((pair) => pair.indexerMb / pair.thirdMb),
      size,
      GROWTH_BAR,
    ),
  ];
}

function peerBars(chain: KeptChain, peer: PeerName, samples: readonly PeerSample[]): readonly Bar[] {
  const version = peerVersion(peer);
  const size = `${sizeOf(chain)}; the peer fills the ten event tables only; row sums equal`;
  return [
    atLeast(
      `history with statuses, times as fast as ${version}, cold`,
      samples.map(({ peerMs, indexerMs }) => peerMs / indexerMs),
      size,
      PEER_BARS[peer],
    ),
    atMost(
      `${version}, s`,
      samples.map(({ peerMs }) => peerMs / 1_000),
      size,
    ),
  ];
}

function sizeOf({ facts }: KeptChain): string {
  const { events, shape, eventBytes, transactions } = facts;
  return `${events} events in ${shape.blocks} blocks and ${transactions} transactions, ${Math.round(eventBytes / 1e6)} MB of logs, fsync of PostgreSQL off`;
}
