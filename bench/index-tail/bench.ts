// How long after a block of 5,000 events is mined can its rows be seen, against the poll interval and the time that the probe takes for it?
import { seededRandom, systemClock, waitUntil } from "@tidegate/kernel";
import { ensureChain, type KeptChain } from "../index-chain/ensure-chain.ts";
import { LARGE_BLOCKS } from "../index-chain/chain-shape.ts";
import { startReplay, type Replay } from "../index-chain/replay/start-replay.ts";
import {
  openMarketDatabase,
  visibleBlock,
  withServer,
  type MarketDatabase,
} from "../index-chain/runs/market-database.ts";
import { startIndexer } from "../index-chain/runs/start-indexer.ts";
import { startProbe, type RunningProbe } from "../index-chain/runs/start-probe.ts";
import { expectEqualSums, sumChainTables } from "../index-chain/runs/table-sums.ts";
import { atMost, type Bar, type Bench } from "../bar.ts";

const INTERVAL_MS = 1_000;
/** The issue's own bar: poll interval + 3 x the probe's time for one such block. */
const PROBE_TIMES = 3;
/** Blocks of a round that are not counted: programs and caches get warm. */
const WARM_UP = 3;
const LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 3;

interface TailSample {
  readonly indexerMs: number;
  readonly probeMs: number;
}

export const bench: Bench = async ({ isQuick }) => {
  const chain = await ensureChain(LARGE_BLOCKS);
  const replay = await startReplay([chain]);
  const rounds = isQuick ? 1 : 2;
  const blocks = isQuick ? 33 : LARGE_BLOCKS.blocks;
  try {
    return await withServer(async () => {
      const samples: TailSample[] = [];
      for (let round = 0; round < rounds; round++) samples.push(...(await measureRound(chain, replay, blocks, round)));
      return bars(samples, chain);
    });
  } finally {
    await replay.stop();
  }
};

function bars(samples: readonly TailSample[], { facts }: KeptChain): readonly Bar[] {
  const { eventsPerBlock } = facts.shape;
  const bytes = Math.round(facts.eventBytes / facts.shape.blocks / 1e6);
  const size = `blocks of ${eventsPerBlock} events, ${bytes} MB of logs each, latency 0 ms, poll interval ${INTERVAL_MS} ms, fsync of PostgreSQL off`;
  const indexer = samples.map(({ indexerMs }) => indexerMs);
  const probe = atMost(
    "the probe's time for one such block, ms",
    samples.map(({ probeMs }) => probeMs),
    size,
  );
  const bar = INTERVAL_MS + PROBE_TIMES * probe.value;
  const value = Number(percentile(indexer, 0.99).toPrecision(4));
  const median = atMost("mined block to rows visible, median, ms", indexer, size);
  return [
    { ...median, name: "mined block to rows visible, p99, ms", value, bar: Math.round(bar), holds: value <= bar },
    median,
    probe,
  ];
}

/** Nearest rank. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
}

/** A round follows the chain from its beginning on two empty databases, block by block, indexer and probe in turns. */
async function measureRound(
  chain: KeptChain,
  replay: Replay,
  blocks: number,
  round: number,
): Promise<readonly TailSample[]> {
  const { firstBlock, market } = chain.facts;
  const rpcUrl = replay.url(chain);
  const [indexed, probed] = [await openMarketDatabase(), await openMarketDatabase()];
  await replay.control(chain, { head: firstBlock - 1 });
  const probe = startProbe({ chain, rpcUrl, database: probed });
  const flags = ["--interval", `${INTERVAL_MS / 1_000}`];
  const indexer = startIndexer({ rpcUrl, market, database: indexed, startBlock: firstBlock - 1, flags });
  try {
    await untilVisible(indexed, firstBlock - 1);
    const follow = followChain({ chain, replay, indexed, probe, round });
    // A failure of the indexer ends the round.
    const samples = await Promise.race([
      follow(blocks),
      indexer.ended.then(() => Promise.reject(new Error("the indexer ended while it followed the chain"))),
    ]);
    expectEqualSums("the indexer", await sumChainTables(probed.pool), await sumChainTables(indexed.pool));
    return samples.slice(WARM_UP);
  } finally {
    await Promise.allSettled([indexer.stop(), probe.stop()]);
    await Promise.all([indexed.close(), probed.close()]);
  }
}

function followChain(input: {
  readonly chain: KeptChain;
  readonly replay: Replay;
  readonly indexed: MarketDatabase;
  readonly probe: RunningProbe;
  readonly round: number;
}): (blocks: number) => Promise<TailSample[]> {
  const { chain, replay, indexed, probe, round } = input;
  const random = seededRandom(round);
  return async (blocks) => {
    const samples: TailSample[] = [];
    for (let block = chain.facts.firstBlock; block < chain.facts.firstBlock + blocks; block++) {
      // A block comes at any moment between two looks at the head.
      await systemClock.sleep(random.next() * INTERVAL_MS);
      const mined = performance.now();
      await replay.control(chain, { head: block });
      await untilVisible(indexed, block);
      const indexerMs = performance.now() - mined;
      const { ms: probeMs } = await probe.copy({ from: block, to: block });
      samples.push({ indexerMs, probeMs });
    }
    return samples;
  };
}

async function untilVisible({ pool }: MarketDatabase, block: number): Promise<void> {
  await waitUntil(async () => ((await visibleBlock(pool)) >= block ? true : undefined), {
    what: `Block ${block} visible`,
    limitMs: LIMIT_MS,
    everyMs: LOOK_EVERY_MS,
    remedy: "See the indexer's last lines.",
  });
}
