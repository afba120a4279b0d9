// Indexer and probe in turns, each on a database of its own, on the same server and the same replayed chain.
import type { KeptChain } from "../index-chain/ensure-chain.ts";
import type { Replay } from "../index-chain/replay/start-replay.ts";
import { openMarketDatabase } from "../index-chain/runs/market-database.ts";
import { expectEqualSums, sumChainTables, type TableSums } from "../index-chain/runs/table-sums.ts";
import { syncByIndexer, syncByProbe, type SyncRun } from "./sync-history.ts";

export interface SyncPair {
  readonly indexerMs: number;
  readonly indexerCpu: number;
  readonly indexerMb: number;
  /** Peak RSS over the first third of the blocks. */
  readonly thirdMb: number;
  readonly probeMs: number;
  readonly probeCpu: number;
  readonly replayCpu: number;
}

interface PairsInput {
  readonly chain: KeptChain;
  readonly replay: Replay;
  readonly pairs: number;
  /** Of the indexer. */
  readonly flags: readonly string[];
}

interface Summed extends SyncRun {
  readonly sums: TableSums;
  readonly replayCpu: number;
}

export async function measurePairs(input: PairsInput): Promise<readonly SyncPair[]> {
  const { chain } = input;
  const samples: SyncPair[] = [];
  for (let pair = 0; pair < input.pairs; pair++) {
    const indexed = (): Promise<Summed> => run(input, "indexer");
    const probed = (): Promise<Summed> => run(input, "probe");
    // In turns: whoever is second finds the caches as the first left them.
    const first = pair % 2 === 0 ? await indexed() : await probed();
    const second = pair % 2 === 0 ? await probed() : await indexed();
    const [indexer, probe] = pair % 2 === 0 ? [first, second] : [second, first];
    expectEqualSums("the indexer", probe.sums, indexer.sums);
    const third = await run(input, "indexer", chain.facts.firstBlock + Math.floor(chain.facts.shape.blocks / 3));
    console.error(
      `pair ${pair + 1} of ${input.pairs}: indexer ${indexer.ms.toFixed(0)} ms, probe ${probe.ms.toFixed(0)} ms`,
    );
    samples.push({
      indexerMs: indexer.ms,
      indexerCpu: indexer.cpuSeconds,
      indexerMb: indexer.peakMb,
      thirdMb: third.peakMb,
      probeMs: probe.ms,
      probeCpu: probe.cpuSeconds,
      replayCpu: probe.replayCpu,
    });
  }
  return samples;
}

async function run(
  { chain, replay, flags }: PairsInput,
  who: "indexer" | "probe",
  lastBlock = chain.facts.lastBlock,
): Promise<Summed> {
  const database = await openMarketDatabase();
  try {
    const given = { chain, rpcUrl: replay.url(chain), database, lastBlock };
    const before = await replay.stats(chain);
    const done = who === "indexer" ? await syncByIndexer({ ...given, flags }) : await syncByProbe(given);
    const after = await replay.stats(chain);
    const sums = lastBlock === chain.facts.lastBlock ? await sumChainTables(database.pool) : {};
    return { ...done, sums, replayCpu: after.cpuSeconds - before.cpuSeconds };
  } finally {
    await database.close();
  }
}
