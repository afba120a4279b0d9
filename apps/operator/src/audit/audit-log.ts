// Every mutation, who asked for it and what became of it. Written before it is tried: what cannot be recorded is not done.
import type { Whoami } from "@tidegate/contract";
import { queryRows, type Pool } from "@tidegate/postgres";

export interface Attempt {
  readonly who: Whoami;
  /** Method and path of the endpoint, with the names of its parameters. */
  readonly action: string;
  readonly target: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Gives how to record the outcome: "ok" or an error's code. Until then the entry says `tried`. */
export async function recordAttempt(pool: Pool, attempt: Attempt): Promise<(outcome: string) => Promise<void>> {
  const { who, action, target, detail } = attempt;
  const [row] = await queryRows<{ seq: bigint }>(
    pool,
    `INSERT INTO tidegate_engine.audit (who, role, action, target, outcome, detail) VALUES ($1, $2, $3, $4, 'tried', $5) RETURNING seq`,
    [who.name, who.role, action, target, JSON.stringify(detail)],
  );
  return async (outcome) => {
    await queryRows(pool, "UPDATE tidegate_engine.audit SET outcome = $2 WHERE seq = $1", [row?.seq, outcome]);
  };
}

export interface AuditEntry extends Omit<Attempt, "who"> {
  readonly seq: bigint;
  readonly at: Date;
  readonly who: string;
  readonly role: string;
  readonly outcome: string;
}

/** Newest first, before the entry of that number. */
export async function readAudit(
  pool: Pool,
  page: { readonly limit: number; readonly before: bigint | null },
): Promise<readonly AuditEntry[]> {
  return queryRows<AuditEntry>(
    pool,
    `SELECT seq, at, who, role, action, target, outcome, detail FROM tidegate_engine.audit
      WHERE $1::bigint IS NULL OR seq < $1 ORDER BY seq DESC LIMIT $2`,
    [page.before, page.limit],
  );
}
