// What Comlink answers, from PostgreSQL, as far as this release knows the schema.
import { TidegateError } from "@tidegate/kernel";
import { queryRows, type Pool } from "@tidegate/postgres";
import { isMisfit } from "../releases/assert-schema-fits.ts";
import type { FleetRelease } from "../releases/release.ts";
import type { Answer } from "../service/serve-http.ts";

export interface ComlinkDeps {
  readonly pool: Pool;
  readonly release: FleetRelease;
}

const RETRY_AFTER_S = "1";
const MAX_LIMIT = 1_000;

/** Undefined for a path that it does not know. */
export function answerRequest(deps: ComlinkDeps, url: URL): Promise<Answer> | undefined {
  if (url.pathname === "/v1/events") return orLater(async () => events(deps, url.searchParams.get("limit") ?? "100"));
  if (url.pathname === "/v1/height") return orLater(async () => height(deps));
  return undefined;
}

async function events({ pool, release }: ComlinkDeps, limitText: string): Promise<Answer> {
  const limit = /^\d{1,6}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > MAX_LIMIT)
    return { status: 400, body: { error: `limit must be a whole number from 1 to ${MAX_LIMIT}` } };
  const { text, values } = release.selectEvents(limit);
  return { status: 200, body: { release: release.number, events: await queryRows(pool, text, values) } };
}

/** How many records were consumed, and the newest event: in the words of the release, so that it answers for no other schema. */
async function height({ pool, release }: ComlinkDeps): Promise<Answer> {
  const { text, values } = release.selectEvents(1);
  const [newest] = await queryRows(pool, text, values);
  const [row] = await queryRows<{ height: bigint }>(
    pool,
    "SELECT coalesce(sum(next_offset), 0)::bigint AS height FROM consumer_offsets",
  );
  return { status: 200, body: { release: release.number, height: row?.height ?? 0n, newest: newest ?? null } };
}

/** Another schema, a lock of the migration, a database that is away: all of these pass, and the client is told to come again. */
async function orLater(answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer();
  } catch (error) {
    const isPassing = isMisfit(error) || (error instanceof TidegateError && error.retry !== "never");
    if (!isPassing) throw error;
    const reason = isMisfit(error) ? "the schema is not the one that this release knows" : (error as Error).message;
    return { status: 503, body: { error: reason }, headers: { "retry-after": RETRY_AFTER_S } };
  }
}
