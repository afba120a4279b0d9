// eth_getLogs over any range: cut into what the endpoint gives at once.
import { RpcBlockTooLarge, RpcRangeTooLarge } from "./errors/rpc-range-too-large.ts";
import { checkLogs, parseLogs, type LogQuestion, type RpcLog } from "./parse-logs.ts";
import type { RpcClient } from "./rpc-client.ts";
import { scanLogs } from "./scan-logs.ts";

export interface GetLogs {
  readonly client: RpcClient;
  /** One contract, several, or (empty) any. */
  readonly address: string | readonly string[];
  /** By position: one topic, several allowed, or null for any. */
  readonly topics: readonly (string | readonly string[] | null)[];
  readonly fromBlock: bigint;
  /** Included. */
  readonly toBlock: bigint;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The logs, by block and log index, checked against the question.
 *
 * A refused range is halved, or cut as the endpoint suggests, and the client remembers what worked. Throws RpcBlockTooLarge when
 * a single block is refused, and what `client.call` throws.
 */
export async function getLogs(deps: GetLogs): Promise<RpcLog[]> {
  return (await getLogsUpTo(deps, Number.POSITIVE_INFINITY)).logs;
}

export interface LogsUpTo {
  readonly logs: RpcLog[];
  /** The last block whose logs these are; at most the one that was asked for. */
  readonly toBlock: bigint;
  /** The list as the endpoint wrote it, where one block was asked for. */
  readonly raw: Buffer | undefined;
}

/** As `getLogs`, but ends with the answer that makes it `enough` logs: more may be there, as many as one answer holds. */
export async function getLogsUpTo(deps: GetLogs, enough: number): Promise<LogsUpTo> {
  const { client, toBlock, signal } = deps;
  const addresses = listOf(deps.address);
  const topics = deps.topics.map((topic) => (topic === null ? null : listOf(topic)));
  const pieces: RpcLog[][] = [];
  let raw: Buffer | undefined;
  let count = 0;
  let fromBlock = deps.fromBlock;
  while (fromBlock <= toBlock && count < enough) {
    const end = client.logRange.end(fromBlock, toBlock);
    const piece = await getPiece(client, { addresses, topics, fromBlock, toBlock: end }, signal);
    if (piece === undefined) continue;
    pieces.push(piece.logs);
    // Of more blocks it would be kept in vain, and is large.
    if (deps.fromBlock === end) raw = piece.raw;
    count += piece.logs.length;
    fromBlock = end + 1n;
  }
  const logs = pieces.length === 1 ? (pieces[0] ?? []) : pieces.flat();
  return { logs, toBlock: fromBlock - 1n, raw: deps.fromBlock === fromBlock - 1n ? raw : undefined };
}

/** Undefined when the range was refused: it is smaller next time. */
async function getPiece(
  client: RpcClient,
  question: LogQuestion,
  signal: AbortSignal | undefined,
): Promise<{ readonly logs: RpcLog[]; readonly raw: Buffer | undefined } | undefined> {
  const { addresses, topics, fromBlock, toBlock } = question;
  const filter = { fromBlock, toBlock, topics, ...(addresses.length === 0 ? {} : { address: addresses }) };
  try {
    const parse = (result: unknown): RpcLog[] => parseLogs(result, question);
    let bytes: number | undefined;
    let raw: Buffer | undefined;
    const scan = (body: Buffer, id: number): RpcLog[] | undefined => {
      bytes = body.length;
      const scanned = scanLogs(body, id);
      raw = scanned?.raw;
      return scanned === undefined ? undefined : checkLogs(scanned.logs, question);
    };
    const logs = await client.call("eth_getLogs", [filter], { signal, parse, scan });
    client.logRange.served(fromBlock, toBlock, bytes);
    return { logs, raw };
  } catch (error) {
    if (!(error instanceof RpcRangeTooLarge)) throw error;
    if (fromBlock === toBlock) throw new RpcBlockTooLarge({ block: fromBlock, cause: error });
    client.logRange.refused(fromBlock, toBlock, error.hint);
    return undefined;
  }
}

function listOf(value: string | readonly string[]): string[] {
  return (typeof value === "string" ? [value] : [...value]).map((text) => text.toLowerCase());
}
