// Locks, the audit log, and who one is.
import { auditQuerySchema, auditSchema, locksSchema, whoamiSchema } from "@tidegate/contract";
import { readAudit } from "../../audit/audit-log.ts";
import { plainJson } from "../plain-json.ts";
import { route, type AnyRoute } from "../route.ts";

const DEFAULT_LIMIT = 100;
const MOST = 500;

export const recordRoutes: readonly AnyRoute[] = [
  route({
    method: "get",
    path: "/v1/locks",
    summary: "Held locks: holder, run, reason, age",
    role: "viewer",
    answer: locksSchema,
    handle: async ({ deps }) => ({ body: plainJson({ locks: await deps.engine.locks() }) }),
  }),
  route({
    method: "get",
    path: "/v1/audit",
    summary: "Who asked for what, and what became of it; newest first",
    role: "admin",
    query: auditQuerySchema,
    answer: auditSchema,
    handle: async ({ deps, query }) => {
      const limit = Math.min(Number(query.limit ?? DEFAULT_LIMIT), MOST);
      const before = query.before === undefined ? null : BigInt(query.before);
      return { body: plainJson({ entries: await readAudit(deps.pool, { limit, before }) }) };
    },
  }),
  route({
    method: "get",
    path: "/v1/whoami",
    summary: "Name and role of the token",
    role: "viewer",
    answer: whoamiSchema,
    handle: async ({ who }) => ({ body: who }),
  }),
];
