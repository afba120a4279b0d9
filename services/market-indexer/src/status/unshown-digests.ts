// Requests that events name before anybody shows them: kept, so that a batch that shows one knows that its own events are not all.
import { queryRows, type PoolClient } from "@tidegate/postgres";
import { keyOf, type DigestFacts } from "../store/batch-facts.ts";
import { idBytes } from "../store/copy-table.ts";
import { packWords, unpackedWords } from "../store/packed-words.ts";
import type { SeenRequest } from "../store/seen-request.ts";

/** By digest ($1), as a fulfilment or a delivery names it; by request id ($2), as a slash before block $3 does. */
const NAMED_BEFORE = `
  select fresh.word from ${unpackedWords("$1")} fresh join unshown_digests on request_digest = fresh.word
  union all
  select slashed.request_id from ${unpackedWords("$2")} asked join prover_slashed_events slashed on request_id = asked.word
  where slashed.block_number < $3`;

/** For whoever shows them later. */
const KEEP = `
  insert into unshown_digests select named.word from ${unpackedWords("$1")} named
  where not exists (select from proof_requests where request_digest = named.word)
  on conflict do nothing`;

/** Of those that the events name. */
export async function keepUnshown(client: PoolClient, named: readonly DigestFacts[]): Promise<void> {
  // Whoever submits or locks a request shows it.
  const silent = named.filter(({ submitted, locked }) => submitted === undefined && locked === undefined);
  if (silent.length > 0) await client.query(KEEP, [packWords(silent.map(({ digest }) => digest))]);
}

/** Of requests that are shown for the first time, those that no event before the block named. */
export async function neverNamed(
  client: PoolClient,
  fresh: readonly SeenRequest[],
  firstBlock: bigint,
): Promise<readonly SeenRequest[]> {
  if (fresh.length === 0) return [];
  const ids = fresh.map(({ request }) => idBytes(request.id));
  const digests = packWords(fresh.map(({ digest }) => digest));
  const named = await queryRows<{ word: Buffer }>(client, NAMED_BEFORE, [digests, packWords(ids), firstBlock]);
  if (named.length === 0) return fresh;
  const isNamed = new Set(named.map(({ word }) => keyOf(word)));
  return fresh.filter(({ digest }, index) => !isNamed.has(keyOf(digest)) && !isNamed.has(keyOf(ids[index] ?? digest)));
}
