// The program `dead-letters ls|retry`: one line of JSON on stdout, what was asked for or the error; 1 when something still does not decode.
import { writeSync } from "node:fs";
import { ConfigInvalid, EXIT, loadSettings, TidegateError, type ExitCode } from "@tidegate/kernel";
import { createPool, PostgresQueryFailed, type Pool } from "@tidegate/postgres";
import { SERVICE_NAME } from "../constants.ts";
import { MarketNotIndexed } from "../errors.ts";
import {
  countDeadLetters,
  readDeadLetters,
  type DeadLetterPlace,
  type StoredDeadLetter,
} from "../store/dead-letters.ts";
import { retryDeadLetters, type Retried } from "./retry-dead-letters.ts";
import { deadLetterSettings } from "./settings.ts";

const STATEMENT_TIMEOUT_MS = 60_000;

async function main(argv: readonly string[]): Promise<ExitCode> {
  try {
    const answer = await run(argv);
    tell(answer);
    return "tried" in answer && answer.stored < answer.tried ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (!(error instanceof TidegateError)) throw error;
    const { code, message, remedy } = error;
    tell({ error: { code, message, remedy } });
    return error.exit;
  }
}

interface RetryAnswer extends Retried {
  readonly left: number;
}

interface ListAnswer {
  readonly total: number;
  readonly deadLetters: readonly object[];
}

async function run([verb, ...argv]: readonly string[]): Promise<RetryAnswer | ListAnswer> {
  const { values } = loadSettings(deadLetterSettings, { argv, env: process.env });
  const at = placeOf(values.block, values.logIndex);
  const pool = createPool({
    url: values.database,
    max: 2,
    applicationName: `${SERVICE_NAME} dead-letters`,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  try {
    if (verb === "ls") return await list(pool, at, values.limit);
    if (verb === "retry") return { ...(await retryDeadLetters(pool, { at })), left: await countDeadLetters(pool) };
    throw new ConfigInvalid([{ path: verb ?? "the command", problem: "must be ls or retry" }]);
  } catch (error) {
    // 42P01: a table is not there.
    if (error instanceof PostgresQueryFailed && error.sqlState === "42P01")
      throw new MarketNotIndexed({ cause: error });
    throw error;
  } finally {
    await pool.end();
  }
}

async function list(pool: Pool, at: DeadLetterPlace | undefined, limit: number): Promise<ListAnswer> {
  const letters = await readDeadLetters(pool, { at, limit });
  return { total: await countDeadLetters(pool), deadLetters: letters.map(shown) };
}

function shown(letter: StoredDeadLetter): object {
  return {
    block: Number(letter.blockNumber),
    logIndex: letter.logIndex,
    txHash: `0x${letter.txHash.toString("hex")}`,
    event: letter.event,
    reason: letter.reason,
    topics: letter.topics.map((topic) => `0x${topic.toString("hex")}`),
    data: `0x${letter.data.toString("hex")}`,
    firstSeenAt: letter.firstSeenAt.toISOString(),
    lastTriedAt: letter.lastTriedAt.toISOString(),
    tries: letter.tries,
  };
}

function placeOf(block: bigint | undefined, logIndex: number | undefined): DeadLetterPlace | undefined {
  if (block === undefined && logIndex === undefined) return undefined;
  if (block === undefined || logIndex === undefined) {
    throw new ConfigInvalid([{ path: "--block and --log-index", problem: "must be given together" }]);
  }
  return { blockNumber: block, logIndex };
}

function tell(answer: object): void {
  writeSync(1, `${JSON.stringify(answer)}\n`);
}

process.exit(await main(process.argv.slice(2)));
