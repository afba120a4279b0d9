// How a handler works here: as the client of an operator, in-process on a database, or in memory because it was told to.
import { Secret } from "@tidegate/kernel";
import { EngineOff } from "../errors/executor-errors.ts";

export type HandlerMode =
  | { readonly kind: "client"; readonly url: string; readonly token: Secret }
  | { readonly kind: "durable"; readonly url: Secret }
  | { readonly kind: "volatile" };

const REMEDY =
  "Set TIDEGATE_OPERATOR_URL and TIDEGATE_OPERATOR_TOKEN (an operator), or DATABASE_URL (PostgreSQL ≥ 15); TIDEGATE_ENGINE=volatile runs it in memory, where a kill is not survived.";

/** Throws EngineOff where none of the three is configured, or one only half. An operator goes before a database. */
export function chooseMode(env: Readonly<Record<string, string | undefined>>): HandlerMode {
  const value = (name: string): string | undefined => (env[name] === "" ? undefined : env[name]);
  const engine = value("TIDEGATE_ENGINE");
  if (engine !== undefined && engine !== "volatile") {
    throw new EngineOff({ reason: `TIDEGATE_ENGINE=${engine} is no engine; only "volatile" is`, remedy: REMEDY });
  }
  if (engine === "volatile") return { kind: "volatile" };
  const operator = value("TIDEGATE_OPERATOR_URL");
  if (operator !== undefined) {
    const token = value("TIDEGATE_OPERATOR_TOKEN");
    if (token === undefined)
      throw new EngineOff({
        reason: "TIDEGATE_OPERATOR_URL is set and TIDEGATE_OPERATOR_TOKEN is not",
        remedy: REMEDY,
      });
    return { kind: "client", url: operator.replace(/\/+$/, ""), token: new Secret(token) };
  }
  const database = value("DATABASE_URL");
  if (database !== undefined) return { kind: "durable", url: new Secret(database) };
  throw new EngineOff({ reason: "neither an operator nor a database is configured", remedy: REMEDY });
}
