// Blocks whose bloom speaks against the logs that came are asked for once more, in another way; what differs is not stored.
import {
  bloomOfLogs,
  getLogsOfBlocks,
  getReceiptLogs,
  parseBloom,
  RpcRefused,
  type RpcClient,
  type RpcLog,
  type WrittenLogs,
} from "@tidegate/chain";
import type { Clock } from "@tidegate/kernel";
import { MARKET_TOPICS } from "../decode/abi.ts";
import { InconsistentAnswers } from "../errors.ts";
import type { BlockHeader, BlockRange, FetchedLog } from "../types.ts";
import type { BloomVerdict, JudgeBloom } from "./bloom-suspicion.ts";
import { fetchHeaders } from "./fetch-headers.ts";
import { checkSameLogs, isOfMarket } from "./same-logs.ts";

export interface SecondLook {
  readonly client: RpcClient;
  readonly marketAddress: string;
  readonly range: BlockRange;
  readonly signal?: AbortSignal | undefined;
}

export interface BloomCheck extends SecondLook {
  readonly judge: JudgeBloom;
  readonly headers: ReadonlyMap<bigint, BlockHeader>;
  readonly logs: readonly FetchedLog[];
  /** Whether each topic is held against the bloom before `windowFrom` too. */
  readonly isThorough: boolean;
  /** From here on a block is near the head: no answer is believed that the bloom does not prove. */
  readonly windowFrom: bigint;
  readonly clock: Clock;
  /** The logs, and how they were written, where they are of one block. */
  readonly known?: WrittenLogs | undefined;
}

/** Throws InconsistentAnswers when a bloom, or what a second look shows, contradicts the logs. */
export async function checkBlooms(check: BloomCheck): Promise<void> {
  const byBlock = Map.groupBy(check.logs, (log) => log.blockNumber);
  const telling: BlockHeader[] = [];
  const vague: BlockHeader[] = [];
  const full: BlockHeader[] = [];
  for (const header of check.headers.values()) {
    const logs = byBlock.get(header.number) ?? [];
    const isNear = header.number >= check.windowFrom;
    const verdict = judgeHeader(check, header, logs, isNear || check.isThorough);
    if (verdict.kind === "suspicious") telling.push(header);
    if (verdict.kind !== "vague") continue;
    if (isNear) vague.push(header);
    else if (verdict.isFull) full.push(header);
  }
  const [receipts, answers] = await Promise.all([
    lookAtReceipts(check, telling),
    lookByHash(check, vague, check.known),
    confirmBlooms(check, full),
  ]);
  for (const [number, logs] of [...receipts, ...answers]) {
    if (logs === check.known?.logs) continue;
    checkSameLogs(check.range, number, byBlock.get(number) ?? [], logs);
  }
}

/** A bloom that fits everything is the node's, or a lie under which others go unseen: it must come twice. */
async function confirmBlooms(check: BloomCheck, headers: readonly BlockHeader[]): Promise<void> {
  if (headers.length === 0) return;
  const again = await fetchHeaders({ ...check, numbers: headers.map(({ number }) => number) });
  const other = headers.find(({ number, logsBloom }) => again.get(number)?.logsBloom !== logsBloom);
  if (other === undefined) return;
  throw new InconsistentAnswers({
    ...check.range,
    reason: `the bloom of block ${other.number} was full, then another`,
  });
}

/** Asks for the logs of these blocks again; throws InconsistentAnswers when they are not the same, byte for byte. */
export async function confirmLogs(
  look: SecondLook & { readonly logs: readonly FetchedLog[] },
  headers: readonly BlockHeader[],
): Promise<void> {
  const byBlock = Map.groupBy(look.logs, (log) => log.blockNumber);
  for (const [number, logs] of await lookByHash(look, headers)) {
    checkSameLogs(look.range, number, byBlock.get(number) ?? [], logs);
  }
}

function judgeHeader(
  { judge, range }: BloomCheck,
  header: BlockHeader,
  logs: readonly FetchedLog[],
  isThorough: boolean,
): BloomVerdict {
  let verdict: BloomVerdict;
  try {
    verdict = judge({ header, logs, isThorough });
  } catch (error) {
    throw new InconsistentAnswers({ ...range, reason: `block ${header.number} has no usable bloom`, cause: error });
  }
  if (verdict.kind === "contradicts") {
    throw new InconsistentAnswers({ ...range, reason: `block ${header.number} ${verdict.reason}` });
  }
  return verdict;
}

type Looked = ReadonlyMap<bigint, readonly RpcLog[]>;

/** All logs of the blocks must make their blooms; those of the market are given. An endpoint without the method is asked by hash. */
async function lookAtReceipts(look: SecondLook, headers: readonly BlockHeader[]): Promise<Looked> {
  if (headers.length === 0) return new Map();
  let answers: readonly (readonly RpcLog[] | null)[];
  try {
    answers = await getReceiptLogs({ client: look.client, blocks: headers, signal: look.signal });
  } catch (error) {
    if (error instanceof RpcRefused && error.retry === "never") return lookByHash(look, headers);
    throw error;
  }
  return new Map(
    headers.map((header, index) => {
      const logs = answers[index] ?? null;
      if (logs === null || !bloomOfLogs(logs).equals(parseBloom(header.logsBloom ?? "0x"))) {
        const reason = `the receipts of block ${header.number} are not those of its header`;
        throw new InconsistentAnswers({ ...look.range, reason });
      }
      return [header.number, logs.filter((log) => isOfMarket(log, look.marketAddress))];
    }),
  );
}

async function lookByHash(
  look: SecondLook,
  headers: readonly BlockHeader[],
  known?: BloomCheck["known"],
): Promise<Looked> {
  if (headers.length === 0) return new Map();
  const answers = await getLogsOfBlocks({
    client: look.client,
    address: look.marketAddress,
    topics: [MARKET_TOPICS],
    blocks: headers,
    known,
    signal: look.signal,
  });
  return new Map(headers.map((header, index) => [header.number, answers[index] ?? []]));
}
