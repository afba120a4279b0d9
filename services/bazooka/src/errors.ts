// Refusals and failures of Bazooka's own.
import { EXIT, TidegateError } from "@tidegate/kernel";
import type { OrderProblem } from "./orders/order-problem.ts";

export class ForceMissing extends TidegateError {
  override readonly name = "ForceMissing";
  constructor(facts: { readonly actions: readonly string[] }) {
    super({
      code: "bazooka.force-missing",
      message: `Cannot run bazooka without force flag set to "true": ${facts.actions.join(", ")} ${facts.actions.length === 1 ? "destroys" : "destroy"} data. Nothing was done.`,
      remedy: 'Add "force": true to the event if that is meant (PREVENT_BREAKING_CHANGES_WITHOUT_FORCE is on).',
      details: { actions: facts.actions },
      blame: "user",
      exit: EXIT.notAllowed,
    });
  }
}

export class EventInvalid extends TidegateError {
  override readonly name = "EventInvalid";
  constructor(facts: { readonly problems: readonly string[] }) {
    super({
      code: "bazooka.event-invalid",
      message: `The event was refused: ${facts.problems.join("; ")}. Nothing was done.`,
      remedy:
        "Send a JSON object with boolean fields: migrate, rollback, clear_db, reset_db, create_kafka_topics, clear_kafka_topics, clear_redis, send_stateful_orders_to_vulcan, force; directly, or as the body of an API Gateway event.",
      details: { problems: facts.problems },
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class MigrationsLocked extends TidegateError {
  override readonly name = "MigrationsLocked";
  constructor(facts: { readonly address: string; readonly holder: string }) {
    super({
      code: "bazooka.migrations-locked",
      message: `The migrations of ${facts.address} are locked: ${facts.holder}.`,
      remedy:
        "If nobody migrates any more (a killed `knex migrate:latest` leaves its lock set), release it: tidegate run unlock",
      details: facts,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

export class MigrationFailed extends TidegateError {
  override readonly name = "MigrationFailed";
  constructor(facts: {
    readonly what: string;
    readonly address: string;
    readonly reason: string;
    readonly isPassing: boolean;
    readonly cause: unknown;
  }) {
    super({
      code: "bazooka.migration-failed",
      message: `${facts.what} on ${facts.address} failed: ${facts.reason}`,
      remedy: facts.isPassing
        ? "Something holds a lock that the migration needs; end that, and retry the run: tidegate runs retry RUN"
        : "Mend the migration, then retry the run: tidegate runs retry RUN. Knex takes a batch back as a whole, unless a migration of it runs outside a transaction: then those before the failed one stay.",
      details: { address: facts.address },
      cause: facts.cause,
      retry: facts.isPassing ? "later" : "never",
      blame: facts.isPassing ? "dependency" : "user",
    });
  }
}

export class KeptTablesInvalid extends TidegateError {
  override readonly name = "KeptTablesInvalid";
  constructor(facts: { readonly problems: readonly string[] }) {
    super({
      code: "bazooka.kept-tables-invalid",
      message: `What BAZOOKA_KEEP_TABLES names cannot be kept: ${facts.problems.join("; ")}. Nothing was cleared.`,
      remedy:
        "Name tables that are there, as name or schema.name, each with those that it cannot be kept without: BAZOOKA_KEEP_TABLES.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class DatabaseBusy extends TidegateError {
  override readonly name = "DatabaseBusy";
  constructor(facts: { readonly address: string; readonly holder: string; readonly waitedMs: number }) {
    super({
      code: "bazooka.database-busy",
      message: `The database ${facts.address} is worked on ${facts.holder}; it was waited for ${facts.waitedMs / 1_000} s. Nothing was changed.`,
      remedy: "Wait until that has ended, then retry the run: tidegate runs retry RUN",
      details: facts,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

export class MigrationLockLost extends TidegateError {
  override readonly name = "MigrationLockLost";
  constructor(facts: { readonly address: string; readonly cause?: unknown }) {
    super({
      code: "bazooka.migration-lock-lost",
      message: `The session that held the lock of the migrations of ${facts.address} was lost; the migration was ended, as another one may begin.`,
      remedy: "Look why the connection was closed, then retry the run: tidegate runs retry RUN",
      details: { address: facts.address },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

export class BatchNotLast extends TidegateError {
  override readonly name = "BatchNotLast";
  constructor(facts: { readonly address: string; readonly batch: number; readonly later: readonly string[] }) {
    super({
      code: "bazooka.batch-not-last",
      message: `Batch ${facts.batch} of the migrations of ${facts.address} was to be taken back, and is no longer the last: ${facts.later.join(", ")} came after it. Nothing was taken back.`,
      remedy: "Plan again: tidegate prepare plan --set rollback=true --set force=true",
      details: facts,
      blame: "user",
    });
  }
}

/** Orders listed one by one in an error; of more, the number. */
export const LISTED_ORDERS = 1_000;

export class OrdersNotSent extends TidegateError {
  override readonly name = "OrdersNotSent";
  constructor(facts: {
    readonly runId: string;
    readonly sent: number;
    /** Orders of which nothing was sent. */
    readonly count: number;
    /** Orders that were sent, and whose filled amount could not be. */
    readonly amounts: number;
    readonly orders: readonly OrderProblem[];
    /** Of all of them, what could not be written into the record. */
    readonly unrecorded: { readonly count: number; readonly reason: string } | null;
  }) {
    const { sent, count, amounts, unrecorded } = facts;
    const first = facts.orders.slice(0, 3).map((one) => `${one.orderId} (${one.problem})`);
    const orders = `${count} of ${sent + count} open stateful orders could not be sent`;
    const filled = `${count === 0 ? "The" : "the"} filled amount of ${amounts} that ${amounts === 1 ? "was" : "were"} sent could not be`;
    const what = amounts === 0 ? orders : `${count === 0 ? "" : `${orders}, and `}${filled}`;
    const query = `SELECT * FROM tidegate_bazooka.unsent_orders WHERE run_id = '${facts.runId}'`;
    const lost =
      unrecorded === null ? "" : `, but for ${unrecorded.count} that could not be recorded: ${unrecorded.reason}`;
    super({
      code: "bazooka.orders-not-sent",
      message: `${what}; all else was sent. First: ${first.join("; ")}.`,
      remedy: `Mend the rows (all of them: ${query}${lost}), then run send_stateful_orders_to_vulcan again: Vulcan takes an order twice.`,
      details: { count, amounts, sent, orders: facts.orders.slice(0, LISTED_ORDERS), record: query, unrecorded },
      blame: "user",
    });
  }
}
