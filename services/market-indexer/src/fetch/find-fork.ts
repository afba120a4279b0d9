// Whether the chain still is the one that is stored, and where it left it. Nothing is guessed: hashes decide.
import type { RpcClient } from "@tidegate/chain";
import type { Clock } from "@tidegate/kernel";
import { InconsistentAnswers, ReorgTooDeep } from "../errors.ts";
import type { BlockHeader, BlockPlace, KeptBlock } from "../types.ts";
import { checkChain, isSameHeader } from "./check-batch.ts";
import { fetchHeaders } from "./fetch-headers.ts";

export type ForkSearch =
  /** The stored blocks are those of the chain, as far as the endpoint knows it. */
  | { readonly kind: "same" }
  /** The last block that both have. */
  | { readonly kind: "fork"; readonly fork: KeptBlock };

export interface FindFork {
  readonly client: RpcClient;
  readonly clock: Clock;
  readonly head: bigint;
  /** The stored blocks that may be undone, without a gap, the last stored block last. */
  readonly window: readonly KeptBlock[];
  /** True when nothing before the window's first block was ever stored: all of it may then be undone. */
  readonly isWholeHistory: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Throws ReorgTooDeep when the chain has none of the window's blocks, InconsistentAnswers when its headers do not fit together. */
export async function findFork(input: FindFork): Promise<ForkSearch> {
  const known = input.window.filter(({ number }) => number <= input.head);
  const tip = known.at(-1);
  // A node that catches up, or was emptied: it knows nothing that could be compared.
  if (tip === undefined) return { kind: "same" };
  const there = await headersOf(input, [tip.number]);
  if (there.get(tip.number)?.hash === tip.hash) return { kind: "same" };

  const headers = await headersOf(
    input,
    known.map(({ number }) => number),
  );
  checkChain(headers, undefined);
  const stayed = known.findLast(({ number, hash }) => headers.get(number)?.hash === hash);
  if (stayed !== undefined) {
    if (stayed.number === tip.number) throw contradictsItself(tip);
    return { kind: "fork", fork: stayed };
  }
  return { kind: "fork", fork: await blockBefore(input, known, headers) };
}

/** Where the whole history is in the window and none of it is on the chain any more, it forks before the first block. */
async function blockBefore(
  input: FindFork,
  known: readonly BlockPlace[],
  headers: ReadonlyMap<bigint, BlockHeader>,
): Promise<BlockHeader> {
  const oldest = known[0]?.number ?? 0n;
  if (!input.isWholeHistory || oldest === 0n) {
    throw new ReorgTooDeep({ oldest, stored: known[0]?.hash ?? "", found: headers.get(oldest)?.hash ?? "" });
  }
  const before = (await headersOf(input, [oldest - 1n])).get(oldest - 1n);
  const again = (await headersOf(input, [oldest - 1n])).get(oldest - 1n);
  if (before === undefined || before.hash !== headers.get(oldest)?.parentHash) {
    throw contradictsItself({ number: oldest, hash: headers.get(oldest)?.hash ?? "" });
  }
  // Its time becomes that of the last stored block.
  if (again === undefined || !isSameHeader(before, again)) throw contradictsItself(before);
  return before;
}

async function headersOf(input: FindFork, numbers: readonly bigint[]): Promise<Map<bigint, BlockHeader>> {
  const range = { from: numbers[0] ?? 0n, to: numbers.at(-1) ?? 0n };
  return fetchHeaders({ client: input.client, clock: input.clock, signal: input.signal, range, numbers });
}

function contradictsItself({ number }: BlockPlace): InconsistentAnswers {
  return new InconsistentAnswers({ from: number, to: number, reason: `block ${number} changed between two answers` });
}
