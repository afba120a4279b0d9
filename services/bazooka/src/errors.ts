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

export class KeptTableReferences extends TidegateError {
  override readonly name = "KeptTableReferences";
  constructor(facts: { readonly pairs: readonly string[] }) {
    super({
      code: "bazooka.kept-table-references",
      message: `Tables that are to be kept refer to tables that are to be cleared: ${facts.pairs.join(", ")}. Nothing was cleared.`,
      remedy: "Keep those tables as well, or neither: BAZOOKA_KEEP_TABLES.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

/** Orders listed one by one in an error; of more, the number. */
export const LISTED_ORDERS = 1_000;

export class OrdersNotSent extends TidegateError {
  override readonly name = "OrdersNotSent";
  constructor(facts: { readonly sent: number; readonly count: number; readonly orders: readonly OrderProblem[] }) {
    const first = facts.orders.slice(0, 3).map((one) => `${one.orderId} (${one.problem})`);
    super({
      code: "bazooka.orders-not-sent",
      message: `${facts.count} of ${facts.sent + facts.count} open stateful orders could not be sent; the others were. First: ${first.join("; ")}.`,
      remedy:
        "Mend the rows named in the details, then run send_stateful_orders_to_vulcan again: Vulcan takes an order twice.",
      details: { count: facts.count, sent: facts.sent, orders: facts.orders.slice(0, LISTED_ORDERS) },
      blame: "user",
    });
  }
}
