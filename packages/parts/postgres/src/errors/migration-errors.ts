// What can be wrong with migrations.
import { EXIT, TidegateError } from "@tidegate/kernel";

export interface LockHolder {
  readonly pid: number;
  readonly applicationName: string;
  /** When its transaction began. */
  readonly since: Date;
}

/** The files are not 0001_name.sql, 0002_name.sql, … without a gap. */
export class MigrationFilesInvalid extends TidegateError {
  override readonly name = "MigrationFilesInvalid";
  constructor(facts: { directory: string; reason: string; cause?: unknown }) {
    super({
      code: "migration.files-invalid",
      message: `The migrations in ${facts.directory} cannot be used: ${facts.reason}. Nothing was changed.`,
      remedy: "Name them 0001_what.sql, 0002_what.sql, … (lower case), without a gap and each number once.",
      details: { ...facts, cause: undefined },
      cause: facts.cause,
    });
  }
}

/** A migration was edited, renamed or removed after it had been applied. */
export class MigrationChanged extends TidegateError {
  override readonly name = "MigrationChanged";
  constructor(facts: { owner: string; number: number; applied: string; found: string }) {
    super({
      code: "migration.changed",
      message: `Migration ${facts.number} of ${facts.owner} was applied as ${facts.applied} and is ${facts.found} now. Nothing was changed.`,
      remedy: "Put the file back as it was applied, and make the change in a new migration.",
      details: { ...facts },
      blame: "user",
    });
  }
}

export class MigrationDatabaseNewer extends TidegateError {
  override readonly name = "MigrationDatabaseNewer";
  constructor(facts: { owner: string; applied: number; known: number }) {
    super({
      code: "migration.database-newer",
      message: `The database is at migration ${facts.applied} of ${facts.owner}; this version knows ${facts.known}. Nothing was changed.`,
      remedy: "Run the version of Tidegate that made the database, or a later one; or restore a backup from before.",
      details: { ...facts },
      blame: "user",
    });
  }
}

/** Somebody else migrates the same database, for longer than we wait. */
export class MigrationLockHeld extends TidegateError {
  override readonly name = "MigrationLockHeld";
  readonly holder: LockHolder | undefined;
  constructor(facts: { owner: string; lockTimeoutMs: number; holder: LockHolder | undefined; cause?: unknown }) {
    super({
      code: "migration.lock-held",
      message: `The migrations of ${facts.owner} waited ${facts.lockTimeoutMs} ms for the migration lock, ${holderText(facts.holder)}. Nothing more was changed.`,
      remedy:
        "Wait for it to end and try again; if it hangs, end it with `SELECT pg_terminate_backend(pid)`, or raise the lock timeout.",
      details: { owner: facts.owner, holder: facts.holder },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
    this.holder = facts.holder;
  }
}

export class MigrationFailed extends TidegateError {
  override readonly name = "MigrationFailed";
  constructor(facts: { owner: string; file: string; reason: string; cause?: unknown }) {
    const { cause } = facts;
    super({
      code: "migration.failed",
      message: `Migration ${facts.file} of ${facts.owner} failed: ${facts.reason} It was rolled back as a whole; the ones before it stay.`,
      remedy: cause instanceof TidegateError ? cause.remedy : "Correct the migration and run it again.",
      details: { owner: facts.owner, file: facts.file },
      cause,
      // A lock or a lost connection passes; a mistake in the SQL does not.
      retry: cause instanceof TidegateError ? cause.retry : "never",
      blame: cause instanceof TidegateError ? cause.blame : "us",
      exit: cause instanceof TidegateError ? cause.exit : EXIT.failed,
    });
  }
}

/** The file ended the transaction that it was run in: it cannot be said what of it was kept. */
export class MigrationEndsTransaction extends TidegateError {
  override readonly name = "MigrationEndsTransaction";
  constructor(facts: { owner: string; file: string }) {
    super({
      code: "migration.ends-transaction",
      message: `Migration ${facts.file} of ${facts.owner} ends its own transaction (COMMIT or ROLLBACK). Part of it may have been kept, and it is not recorded as applied.`,
      remedy: "Take COMMIT, ROLLBACK and BEGIN out of the file, undo by hand what it kept, and run it again.",
      details: { ...facts },
    });
  }
}

function holderText(holder: LockHolder | undefined): string {
  if (holder === undefined) return "whose holder ended meanwhile";
  const name = holder.applicationName === "" ? "an unnamed client" : `"${holder.applicationName}"`;
  return `held by ${name} (pid ${holder.pid}) since ${holder.since.toISOString()}`;
}
