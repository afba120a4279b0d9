// An endpoint of the operator: one declaration is the routing, the checks, the audit entry and the documentation.
import type { Role, Whoami } from "@tidegate/contract";
import type { Engine } from "@tidegate/engine";
import type { Pool } from "@tidegate/postgres";
import type { z } from "zod";

interface ApiDeps {
  readonly engine: Engine;
  readonly pool: Pool;
}

interface ApiCall<Body, Query> {
  readonly deps: ApiDeps;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly query: Query;
  readonly who: Whoami;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

interface ApiAnswer {
  readonly body: unknown;
  /** Default the route's. */
  readonly status?: 200 | 201;
}

export interface Route<Body = unknown, Query = unknown> {
  readonly method: "get" | "post" | "put" | "delete";
  /** `/v1/runs/{id}`. */
  readonly path: string;
  readonly summary: string;
  /** The least role that may. */
  readonly role: Role;
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  readonly answer: z.ZodType;
  /** Default 200. */
  readonly status?: 200 | 201;
  readonly handle: (call: ApiCall<Body, Query>) => Promise<ApiAnswer>;
}

// The list of routes forgets each one's body and query, which only its own schemas fill.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyRoute = Route<any, any>;

/** Exists so that body and query are inferred from their schemas. */
export function route<Body = undefined, Query = Record<string, never>>(declaration: Route<Body, Query>): AnyRoute {
  return declaration;
}
