import { PartIsOff, type TidegateError } from "@tidegate/kernel";
import { describe, expect, test } from "vitest";
import { mapPostgresError, sqlStateOf } from "./map-postgres-error.ts";

function serverError(code: string, message = "it said so"): Error {
  return Object.assign(new Error(message), { code, severity: "ERROR" });
}

function networkError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:5432`), { code });
}

describe("what a caller decides on", () => {
  test.each([
    [serverError("28P01"), "PostgresLoginRefused", "never", 1],
    [serverError("28000"), "PostgresLoginRefused", "never", 1],
    [serverError("3D000"), "PostgresDatabaseMissing", "never", 1],
    [serverError("53100"), "PostgresDiskFull", "later", 69],
    [serverError("53300"), "PostgresTooManyConnections", "later", 75],
    [serverError("40001"), "PostgresConflict", "now", 75],
    [serverError("40P01"), "PostgresConflict", "now", 75],
    [serverError("55P03"), "PostgresLockTimeout", "later", 75],
    [serverError("57014"), "PostgresStatementTimeout", "later", 75],
    [serverError("25006"), "PostgresReadOnly", "later", 75],
    [serverError("42501"), "PostgresNotAllowed", "never", 77],
    [serverError("57P01"), "PostgresUnreachable", "later", 69],
    [serverError("57P03"), "PostgresUnreachable", "later", 69],
    [serverError("08006"), "PostgresUnreachable", "later", 69],
    [serverError("23505"), "PostgresQueryFailed", "never", 1],
    [serverError("42P01"), "PostgresQueryFailed", "never", 1],
    [networkError("ECONNREFUSED"), "PostgresUnreachable", "later", 69],
    [networkError("ENOTFOUND"), "PostgresUnreachable", "later", 69],
    [new Error("Connection terminated unexpectedly"), "PostgresUnreachable", "later", 69],
    [new Error("Connection terminated due to connection timeout"), "PostgresUnreachable", "later", 69],
    [new Error("timeout expired"), "PostgresUnreachable", "later", 69],
    [new Error("timeout exceeded when trying to connect"), "PostgresPoolExhausted", "later", 75],
    [new Error("Query read timeout"), "PostgresStatementTimeout", "later", 75],
  ])("%s is %s", (error, name, retry, exit) => {
    expect(mapPostgresError(error, "db:5432/app")).toMatchObject({ name, retry, exit, cause: error });
  });
});

test("names the server, the cause and the remedy in its sentence", () => {
  const error = mapPostgresError(networkError("ECONNREFUSED"), "db:5432/app") as TidegateError;
  expect(error.message).toContain("db:5432/app");
  expect(error.message).toContain("ECONNREFUSED");
  expect(error.remedy).toContain("DATABASE_URL");
});

test("leaves alone what is not pg's", () => {
  const own = new PartIsOff({ part: "x", reason: "y", remedy: "z" });
  const bug = new TypeError("undefined is not a function");
  expect(mapPostgresError(own)).toBe(own);
  expect(mapPostgresError(bug)).toBe(bug);
});

test("finds the SQLSTATE of a mapped error in its cause", () => {
  expect(sqlStateOf(mapPostgresError(serverError("40001")))).toBe("40001");
  expect(sqlStateOf(new Error("no code"))).toBeUndefined();
});
