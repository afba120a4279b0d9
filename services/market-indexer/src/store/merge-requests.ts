// Proof requests, each stored once by its digest, whoever carried it how often and in whatever order it arrives.
import { queryRows, type PoolClient } from "@tidegate/postgres";
import { keyOf } from "./batch-facts.ts";
import { packWords, unpackedWords } from "./packed-words.ts";
import { copyWritten, type RowEncoders } from "./row-encoders.ts";
import { proofRequests, REQUEST_COLUMNS, stagedRequests, type SeenRequest } from "./seen-request.ts";
import { keepEarlier, keepReplaced } from "./shadowed-sightings.ts";
import { isShownBefore, rankOf } from "./sighting-rank.ts";

const COLUMNS = REQUEST_COLUMNS;

/** ON COMMIT DELETE ROWS: made once for a connection, empty for each batch. */
export const REQUEST_STAGE =
  "create temporary table if not exists staged_requests (like proof_requests) on commit delete rows";

const MERGE = `
insert into proof_requests (${COLUMNS.join(", ")})
select distinct on (request_digest) ${COLUMNS.join(", ")}
from staged_requests
order by request_digest, ${rankOf("staged_requests")}
on conflict (request_digest) do update set
  ${COLUMNS.map((name) => `${name} = excluded.${name}`).join(", ")}
where ${rankOf("excluded")} < ${rankOf("proof_requests")}
returning request_digest`;

const KNOWN = `
  select request_digest from ${unpackedWords("$1")} asked join proof_requests on request_digest = asked.word`;

export interface SeenInBatch {
  readonly requests: readonly SeenRequest[];
  /** The last block that may be undone and change what is shown of these requests; undefined when there is none. */
  readonly undoableTo: bigint | undefined;
}

export interface Merged {
  /** Those that were not there in any form, as they are shown. */
  readonly fresh: readonly SeenRequest[];
  /** As keys: digests of those that were there, and show another sighting now. */
  readonly changed: readonly string[];
}

/** Stores the requests. The encoders are empty before and after. */
export async function mergeRequests(
  client: PoolClient,
  encoders: RowEncoders,
  { requests, undoableTo }: SeenInBatch,
): Promise<Merged> {
  if (requests.length === 0) return { fresh: [], changed: [] };
  const shown = shownOnes(requests);
  const known = await findKnown(client, [...shown.values()]);
  const isKnown = ({ digest }: SeenRequest): boolean => known.has(keyOf(digest));
  const fresh = [...shown.values()].filter((one) => !isKnown(one));
  const sorted = { ...sortOut(requests, { shown, fresh, isKnown }, undoableTo), undoableTo };
  const merged = await store(client, encoders, sorted);
  return { fresh, changed: merged.filter((key) => known.has(key)) };
}

/**
 * Other sightings of a request matter only where the one that is shown may be undone. Else none matters but a submission or an order of one
 * that is there: a lock never is shown instead of what came before it.
 */
function sortOut(
  requests: readonly SeenRequest[],
  found: {
    readonly shown: ReadonlyMap<string, SeenRequest>;
    readonly fresh: readonly SeenRequest[];
    readonly isKnown: (request: SeenRequest) => boolean;
  },
  undoableTo: bigint | undefined,
): Omit<Sorted, "undoableTo"> {
  const { shown, fresh, isKnown } = found;
  if (undoableTo === undefined) {
    const staged = [...shown.values()].filter((request) => request.source !== "unknown" && isKnown(request));
    return { direct: fresh, staged };
  }
  const isSeveral = severalOf(requests);
  const direct = fresh.filter(({ digest }) => !isSeveral.has(keyOf(digest)));
  const isDirect = new Set(direct);
  return { direct, staged: requests.filter((one) => !isDirect.has(one)) };
}

async function findKnown(client: PoolClient, requests: readonly SeenRequest[]): Promise<ReadonlySet<string>> {
  const rows = await queryRows<{ request_digest: Buffer }>(client, KNOWN, [
    packWords(requests.map(({ digest }) => digest)),
  ]);
  return new Set(rows.map((row) => keyOf(row.request_digest)));
}

/** Digests that come more than once. */
function severalOf(requests: readonly SeenRequest[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const several = new Set<string>();
  for (const { digest } of requests) {
    const key = keyOf(digest);
    if (seen.has(key)) several.add(key);
    seen.add(key);
  }
  return several;
}

interface Sorted extends Pick<SeenInBatch, "undoableTo"> {
  /** Nothing is there for their digests, and none comes twice. */
  readonly direct: readonly SeenRequest[];
  /** To be merged with what is there, and with each other. */
  readonly staged: readonly SeenRequest[];
}

/** Gives, as keys, those that were merged and are shown. */
async function store(
  client: PoolClient,
  encoders: RowEncoders,
  { direct, staged, undoableTo }: Sorted,
): Promise<readonly string[]> {
  await copyWritten(client, encoders, () => {
    for (const request of direct) encoders.write(proofRequests, request);
    for (const request of staged) encoders.write(stagedRequests, request);
  });
  if (staged.length === 0) return [];
  if (undoableTo !== undefined) await keepReplaced(client, undoableTo);
  const rows = await queryRows<{ request_digest: Buffer }>(client, MERGE);
  if (undoableTo !== undefined) await keepEarlier(client, undoableTo);
  return rows.map((row) => keyOf(row.request_digest));
}

/** Of each digest the sighting that is shown. */
function shownOnes(requests: readonly SeenRequest[]): ReadonlyMap<string, SeenRequest> {
  const shown = new Map<string, SeenRequest>();
  for (const request of requests) {
    const key = keyOf(request.digest);
    const known = shown.get(key);
    if (known === undefined || isShownBefore(request, known)) shown.set(key, request);
  }
  return shown;
}
