// Which blocks are stored, as ranges with the hashes at their ends; what is missing between the first and the last block is a gap.
import { queryRows, type PoolClient, type Queryable } from "@tidegate/postgres";
import { InconsistentAnswers } from "../errors.ts";
import type { BlockHeader, BlockPlace, BlockRange, KeptBlock, StoredRange } from "../types.ts";

export interface CoveredRange {
  readonly from: bigint;
  /** Of the block before `from`; "0x…". */
  readonly parentHash: string;
  readonly to: bigint;
  readonly toHash: string;
}

export interface Gap extends BlockRange {
  /** Of the stored block before it; undefined where it begins with the first block of all. */
  readonly parentHash: string | undefined;
  /** Of its last block, as the stored block after it says. */
  readonly lastHash: string;
}

/** What should be covered. */
export interface Span {
  /** Undefined where it is not known. */
  readonly first: bigint | undefined;
  /** Undefined before the first batch. */
  readonly last: BlockPlace | undefined;
}

/** By number. */
export async function readCoverage(source: Queryable): Promise<readonly CoveredRange[]> {
  return queryRows<CoveredRange>(
    source,
    `select from_block as "from", '0x' || encode(parent_hash, 'hex') as "parentHash",
       to_block as "to", '0x' || encode(to_hash, 'hex') as "toHash"
     from coverage order by from_block`,
  );
}

/** The blocks before, between and after the ranges. Pure. */
export function gapsOf(coverage: readonly CoveredRange[], { first, last }: Span): readonly Gap[] {
  const gaps: Gap[] = [];
  let next = first ?? coverage[0]?.from;
  let parentHash: string | undefined;
  const add = (to: bigint, lastHash: string): void => {
    if (next !== undefined && next <= to) gaps.push({ from: next, to, parentHash, lastHash });
  };
  for (const range of coverage) {
    add(range.from - 1n, range.parentHash);
    next = range.to + 1n;
    parentHash = range.toHash;
  }
  if (last !== undefined) add(last.number, last.hash);
  return gaps;
}

/** Of blocks after all others, which follow on `previous`: as a rule the last range grows, in one statement. */
export async function coverNext(
  client: PoolClient,
  batch: StoredRange,
  previous: BlockPlace | undefined,
): Promise<void> {
  const { parentHash } = headerOf(batch, batch.range.from);
  const last = headerOf(batch, batch.range.to);
  if (previous?.hash !== parentHash) return cover(client, batch);
  const { rowCount } = await client.query(
    "update coverage set to_block = $3, to_hash = decode(substr($4, 3), 'hex') where to_block = $1 and to_hash = decode(substr($2, 3), 'hex')",
    [previous.number, previous.hash, last.number, last.hash],
  );
  if (rowCount !== 1) await cover(client, batch);
}

/** Adds a stored range, and joins it with what it touches; throws InconsistentAnswers where the hashes do not meet. */
export async function cover(client: PoolClient, batch: StoredRange): Promise<void> {
  const { range } = batch;
  const first = headerOf(batch, range.from);
  const last = headerOf(batch, range.to);
  await client.query(
    `insert into coverage (from_block, parent_hash, to_block, to_hash)
     values ($1, decode(substr($2, 3), 'hex'), $3, decode(substr($4, 3), 'hex'))`,
    [range.from, first.parentHash, range.to, last.hash],
  );
  const coverage = await readCoverage(client);
  for (const [index, next] of coverage.entries()) {
    const before = coverage[index - 1];
    if (before === undefined || before.to + 1n !== next.from) continue;
    if (before.toHash !== next.parentHash) {
      const reason = `block ${next.from} follows on ${next.parentHash}, but block ${before.to} is ${before.toHash}`;
      throw new InconsistentAnswers({ from: before.to, to: next.from, reason });
    }
  }
  await client.query(JOIN);
}

/** Ranges that touch become one: each run of them begins where nothing ends just before. */
const JOIN = `
  with marked as (
    select *, from_block - 1 is distinct from lag(to_block) over (order by from_block) as begins from coverage
  ), numbered as (
    select *, count(*) filter (where begins) over (order by from_block) as run from marked
  ), joined as (
    select run, min(from_block) as from_block, max(to_block) as to_block,
      (array_agg(to_hash order by to_block desc))[1] as to_hash
    from numbered group by run having count(*) > 1
  ), removed as (
    delete from coverage using joined
    where coverage.from_block > joined.from_block and coverage.to_block <= joined.to_block
  )
  update coverage set to_block = joined.to_block, to_hash = joined.to_hash
  from joined where coverage.from_block = joined.from_block`;

/** Covers nothing after the fork any more. */
export async function uncover(client: PoolClient, fork: KeptBlock): Promise<void> {
  await client.query("delete from coverage where from_block > $1", [fork.number]);
  await client.query("update coverage set to_block = $1, to_hash = decode(substr($2, 3), 'hex') where to_block > $1", [
    fork.number,
    fork.hash,
  ]);
}

function headerOf({ headers, range }: StoredRange, number: bigint): BlockHeader {
  const header = headers.get(number);
  if (header === undefined) throw new InconsistentAnswers({ ...range, reason: `block ${number} has no header` });
  return header;
}
