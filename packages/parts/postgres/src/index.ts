// PostgreSQL: the embedded server, pools, migrations and binary COPY.
export { checkServer, type ServerFacts } from "./connection/check-server.ts";
export {
  createPool,
  poolAddress,
  type Pool,
  type PoolClient,
  type PoolEvent,
  type PoolOptions,
} from "./connection/create-pool.ts";
export { endSessions } from "./connection/end-sessions.ts";
export { queryRows, type Queryable } from "./connection/query-rows.ts";
export { serverAddress } from "./connection/server-address.ts";
export { withTransaction, type Isolation, type TransactionOptions } from "./connection/with-transaction.ts";
export { readEmbeddedConnection, type EmbeddedConnection } from "./embedded/embedded-connection.ts";
export { embeddedUrl, type EmbeddedUrlOptions } from "./embedded/embedded-url.ts";
export { findBinaries } from "./embedded/find-binaries.ts";
export {
  startEmbedded,
  type EmbeddedEvent,
  type EmbeddedLimits,
  type EmbeddedOptions,
  type EmbeddedServer,
} from "./embedded/start-embedded.ts";
export { stopEmbedded } from "./embedded/stop-embedded.ts";
export type { StopMode } from "./embedded/stop-postmaster.ts";
export {
  MINIMUM_MAJOR,
  PostgresDatabaseMissing,
  PostgresDiskFull,
  PostgresLoginRefused,
  PostgresPoolExhausted,
  PostgresTooManyConnections,
  PostgresTooOld,
  PostgresUnreachable,
} from "./errors/connection-errors.ts";
export { PostgresDataDirUnusable, PostgresPortTaken, PostgresStartFailed } from "./errors/embedded-errors.ts";
export { mapPostgresError, sqlStateOf } from "./errors/map-postgres-error.ts";
export {
  PostgresConflict,
  PostgresLockTimeout,
  PostgresNotAllowed,
  PostgresQueryFailed,
  PostgresReadOnly,
  PostgresStatementTimeout,
} from "./errors/statement-errors.ts";
export { copyRows, copyTables, type CopyRowsOptions, type CopyTarget } from "./copy/copy-rows.ts";
export { createCopyEncoder, type CopyEncoder, type CopyEncoderOptions } from "./copy/create-copy-encoder.ts";
export { CopyRowIncomplete, CopyValueInvalid } from "./errors/copy-errors.ts";
export {
  MigrationChanged,
  MigrationDatabaseNewer,
  MigrationEndsTransaction,
  MigrationFailed,
  MigrationFilesInvalid,
  MigrationLockHeld,
  type LockHolder,
} from "./errors/migration-errors.ts";
export {
  migrate,
  pendingMigrations,
  type MigrateOptions,
  type Migration,
  type MigrationEvent,
  type MigrationInput,
} from "./migrations/migrate.ts";
