// What can be wrong between us and a PostgreSQL server: it is away, it is full, it is too old, it does not let us in.
import { EXIT, TidegateError } from "@tidegate/kernel";

/** The server cannot be reached, went away, or is starting or stopping. Nothing is known about a statement under way. */
export class PostgresUnreachable extends TidegateError {
  override readonly name = "PostgresUnreachable";
  constructor(facts: { address?: string | undefined; reason: string; cause?: unknown }) {
    super({
      code: "postgres.unreachable",
      message: `PostgreSQL${at(facts.address)} cannot be reached: ${facts.reason}. A transaction that was under way was not committed, unless its COMMIT had been sent.`,
      remedy: "Check that the server runs and that DATABASE_URL names it. `tidegate status` shows the embedded one.",
      details: { address: facts.address },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.partDown,
    });
  }
}

/** User or password is wrong, or pg_hba.conf has no line for us. */
export class PostgresLoginRefused extends TidegateError {
  override readonly name = "PostgresLoginRefused";
  constructor(facts: { address?: string | undefined; reason: string; cause?: unknown }) {
    super({
      code: "postgres.login-refused",
      message: `PostgreSQL${at(facts.address)} refused the login: ${facts.reason}. Nothing was changed.`,
      remedy: "Correct the user and the password in DATABASE_URL, or the server's pg_hba.conf.",
      details: { address: facts.address },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.failed,
    });
  }
}

export class PostgresDatabaseMissing extends TidegateError {
  override readonly name = "PostgresDatabaseMissing";
  constructor(facts: { address?: string | undefined; reason: string; cause?: unknown }) {
    super({
      code: "postgres.database-missing",
      message: `The database does not exist on PostgreSQL${at(facts.address)}: ${facts.reason}. Nothing was changed.`,
      remedy: "Create it (`CREATE DATABASE …`), or correct the name at the end of DATABASE_URL.",
      details: { address: facts.address },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.failed,
    });
  }
}

/** The oldest major version that the product is tested with. */
export const MINIMUM_MAJOR = 15;

export class PostgresTooOld extends TidegateError {
  override readonly name = "PostgresTooOld";
  constructor(facts: { address?: string | undefined; version: string }) {
    super({
      code: "postgres.too-old",
      message: `PostgreSQL${at(facts.address)} is version ${facts.version}; at least ${MINIMUM_MAJOR} is needed. Nothing was changed.`,
      remedy: `Upgrade the server, or set DATABASE_URL to one of version ${MINIMUM_MAJOR} or later.`,
      details: { address: facts.address, version: facts.version, minimumMajor: MINIMUM_MAJOR },
      blame: "user",
      exit: EXIT.failed,
    });
  }
}

export class PostgresTooManyConnections extends TidegateError {
  override readonly name = "PostgresTooManyConnections";
  constructor(facts: { address?: string | undefined; reason: string; cause?: unknown }) {
    super({
      code: "postgres.too-many-connections",
      message: `PostgreSQL${at(facts.address)} has no connection left for us: ${facts.reason}.`,
      remedy: "Lower DB_POOL_SIZE of the services, close other clients, or raise the server's max_connections.",
      details: { address: facts.address },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

/** Every connection of our own pool stayed busy for the whole connection timeout. */
export class PostgresPoolExhausted extends TidegateError {
  override readonly name = "PostgresPoolExhausted";
  constructor(facts: { address?: string | undefined; cause?: unknown }) {
    super({
      code: "postgres.pool-exhausted",
      message: `No connection of the pool to PostgreSQL${at(facts.address)} became free in time. The statement was not sent.`,
      remedy: "Look for a long transaction in pg_stat_activity, or raise DB_POOL_SIZE.",
      details: { address: facts.address },
      cause: facts.cause,
      retry: "later",
      exit: EXIT.tryAgain,
    });
  }
}

export class PostgresDiskFull extends TidegateError {
  override readonly name = "PostgresDiskFull";
  constructor(facts: { where: string; reason: string; cause?: unknown }) {
    super({
      code: "postgres.disk-full",
      message: `The disk of PostgreSQL (${facts.where}) is full: ${facts.reason}. What was committed before is safe; nothing of this was kept.`,
      remedy: "Free space on that file system or give the data folder another one, then start again.",
      details: { where: facts.where },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.partDown,
    });
  }
}

function at(address: string | undefined): string {
  return address === undefined ? "" : ` at ${address}`;
}
