// A JSON-RPC endpoint of a fork chain that fails and lies at random, in the ways that endpoints were seen to.
import { MethodError, startFaultServer, type Fault, type FaultServer } from "@tidegate/chain/testing";
import type { Random } from "@tidegate/kernel";
import type { ForkBlock, ForkChain, ForkLog } from "./fork-chain.ts";
import { quantity } from "./fork-chain.ts";
import { CHAIN_ID, MARKET_ADDRESS } from "./random-history.ts";

export interface ForkEndpointOptions {
  readonly chain: ForkChain;
  readonly random: Random;
  /** Of an HTTP request that fails, and of an answer that is not true; both 0 to 1, asked each time. */
  readonly faultRate: () => number;
  readonly lieRate: () => number;
  /** Called before each HTTP request is answered. */
  readonly onRequest?: () => void;
  readonly hasReceipts?: boolean;
  /** Answers leave out any log; else only all of one kind in a block, which a bloom shows. */
  readonly mayOmitAnyLog?: boolean;
  /** Whether the block's header, in this answer, has a bloom that every address and topic is in. */
  readonly hasFullBloom?: (block: ForkBlock) => boolean;
  /** More blocks are refused. */
  readonly maxBlocks?: number;
  /** Changes each answer to eth_getLogs. */
  readonly bendLogs?: (logs: readonly ForkLog[]) => readonly ForkLog[];
  /** Changes each header, each transaction, and each answer to eth_blockNumber. */
  readonly bendHeader?: (header: Json, block: ForkBlock) => Json;
  readonly bendTransaction?: (transaction: Json) => Json;
  readonly bendHead?: (head: bigint) => bigint;
  /** Default that of the chain. */
  readonly chainId?: number;
  /** Before any fault of chance. */
  readonly faultOf?: (methods: readonly string[]) => Fault | undefined;
}

export type Json = Record<string, unknown>;

/** What the endpoint shows: the chain, or an old view of it. */
interface View {
  readonly blocks: readonly ForkBlock[];
  readonly head: bigint;
}

export async function startForkEndpoint(options: ForkEndpointOptions): Promise<FaultServer> {
  const { chain, random, lieRate } = options;
  const isLie = (): boolean => random.next() < lieRate();
  const view = (): View => (isLie() ? staleView(chain, random) : { blocks: chain.blocks, head: chain.head.number });
  const blockAt = (number: unknown): ForkBlock | undefined => {
    return indexOf(view().blocks).byNumber.get(number);
  };
  const maybe = <T>(answer: T, lies: readonly (() => T)[]): T => (isLie() ? random.pick(lies)() : answer);
  return startFaultServer({
    faultOf: (calls) => {
      options.onRequest?.();
      const methods = calls.map(({ method }) => method);
      const given = options.faultOf?.(methods);
      if (given !== undefined || random.next() >= options.faultRate()) return given;
      // What a person must mend ends an indexer that starts, which asks for these.
      const isAtStart = methods.includes("eth_chainId") || methods.includes("eth_getCode");
      const faults = isAtStart ? FAULTS : [...FAULTS, ...REFUSALS];
      return random.pick(calls.length > 1 ? [...faults, ...BATCH_FAULTS] : faults);
    },
    methods: {
      eth_chainId: () => quantity(options.chainId ?? CHAIN_ID),
      eth_getCode: ([address]) => (address === MARKET_ADDRESS ? "0x6000" : "0x"),
      eth_blockNumber: () => {
        const { head } = view();
        const shown = options.bendHead?.(head) ?? head;
        return maybe(quantity(shown), [() => quantity(shown + BigInt(random.integer(1, 300)))]);
      },
      eth_getLogs: ([filter]) => logsFor(filter as Json, view(), options, isLie),
      eth_getBlockByNumber: ([number]) => {
        const block = blockAt(number);
        if (block === undefined) return null;
        const header = {
          ...headerOf(block),
          ...(options.hasFullBloom?.(block) === true ? { logsBloom: FULL_BLOOM } : {}),
        };
        const shown = options.bendHeader?.(header, block) ?? header;
        return maybe<Json | null>(shown, [
          () => null,
          () => ({ ...header, hash: `0x${"5a".repeat(32)}` }),
          () => ({ ...header, parentHash: `0x${"5b".repeat(32)}` }),
          () => ({ ...header, logsBloom: FULL_BLOOM }),
          () => ({ ...header, logsBloom: "0x" }),
          () => ({ ...header, number: quantity(block.number + 1n) }),
          // Another each time: what comes twice is believed.
          () => ({ ...header, timestamp: quantity(random.integer(3_000_000_000, 4_000_000_000)) }),
          () => ({ ...header, timestamp: `0x${"f".repeat(16)}` }),
          // Of a block that has others after it, nothing speaks against its base fee.
          () => (block === chain.head ? { ...header, baseFeePerGas: quantity(random.integer(8, 1_000_000)) } : header),
        ]);
      },
      eth_getTransactionByHash: ([hash]) => {
        const log = indexOf(view().blocks).byTransaction.get(hash);
        if (log === undefined) return null;
        const transaction = options.bendTransaction?.(transactionOf(log)) ?? transactionOf(log);
        return maybe<Json | null>(transaction, [
          () => null,
          () => ({ ...transaction, blockNumber: null, blockHash: null, transactionIndex: null }),
          () => ({ ...transaction, blockHash: `0x${"5c".repeat(32)}` }),
          () => ({ ...transaction, transactionIndex: "0x77" }),
          () => ({ ...transaction, blockNumber: "0x1" }),
        ]);
      },
      eth_getBlockReceipts: ([number]) => {
        if (options.hasReceipts === false) throw new MethodError({ code: -32601, message: "Method not found" });
        const receipts = receiptsOf(blockAt(number));
        return maybe<Json[] | null>(receipts ?? null, [() => null, () => (receipts ?? []).slice(1)]);
      },
    },
  });
}

const FULL_BLOOM = `0x${"ff".repeat(256)}`;

interface Index {
  readonly byNumber: ReadonlyMap<unknown, ForkBlock>;
  readonly byTransaction: ReadonlyMap<unknown, ForkLog>;
}

const indexes = new WeakMap<readonly ForkBlock[], Index>();

/** Made once for a list of blocks. */
function indexOf(blocks: readonly ForkBlock[]): Index {
  const made = indexes.get(blocks) ?? {
    byNumber: new Map(blocks.map((block) => [quantity(block.number), block])),
    byTransaction: new Map(blocks.flatMap(({ logs }) => logs).map((log) => [log.transactionHash, log])),
  };
  indexes.set(blocks, made);
  return made;
}

/** Answered wholly, late or not at all. The client's own waits take no time here. */
const FAULTS: readonly Fault[] = [
  { kind: "late", ms: 2 },
  { kind: "reset" },
  { kind: "truncated" },
  { kind: "half-json" },
  { kind: "html" },
  { kind: "status", status: 429, headers: { "retry-after": "2" } },
  { kind: "status", status: 500 },
  { kind: "status", status: 503, body: "upstream connect error" },
  { kind: "error", error: { code: -32005, message: "daily request count exceeded, request rate limited" } },
  { kind: "error", error: { code: -32603, message: "internal error" } },
  { kind: "distorted", how: "wrong-ids" },
  { kind: "distorted", how: "no-result" },
];

/** Seen behind load balancers: each passes, whatever it is called. */
const REFUSALS: readonly Fault[] = [
  { kind: "error", error: { code: -32000, message: "request timed out" } },
  { kind: "error", error: { code: -32000, message: "no backend is currently healthy to serve traffic" } },
  { kind: "error", status: 503, error: { code: -32000, message: "server is busy" } },
  { kind: "error", error: { code: -32001, message: "resource not found" } },
  { kind: "error", error: { code: -32000, message: "query timeout exceeded" } },
  { kind: "error", error: { code: -32601, message: "the method eth_getLogs does not exist/is not available" } },
  { kind: "status", status: 403 },
  { kind: "status", status: 404 },
];

const BATCH_FAULTS: readonly Fault[] = [
  { kind: "distorted", how: "reordered" },
  { kind: "distorted", how: "missing-item" },
  { kind: "distorted", how: "duplicate-ids" },
  { kind: "distorted", how: "extra-item" },
];

/** Behind by some blocks, or still on a branch that is gone. */
function staleView({ blocks, orphans, head }: ForkChain, random: Random): View {
  const branch = orphans.at(-1 - random.integer(0, 5));
  if (branch === undefined || random.next() < 0.5) {
    const behind = head.number - BigInt(random.integer(1, 4));
    return { blocks: blocks.filter(({ number }) => number <= behind), head: behind };
  }
  const old = orphans.filter(({ number }) => number <= branch.number);
  const latest = new Map([...blocks, ...old].map((block) => [block.number, block]));
  return { blocks: [...latest.values()].filter(({ number }) => number <= branch.number), head: branch.number };
}

function logsFor(filter: Json, view: View, options: ForkEndpointOptions, isLie: () => boolean): readonly Json[] {
  const { random } = options;
  const { blockHash } = filter;
  if (blockHash !== undefined) {
    const block = view.blocks.find(({ hash }) => hash === blockHash);
    if (block === undefined) throw new MethodError({ code: -32000, message: "unknown block" });
    return bent(block.logs, options);
  }
  const [from, to] = [BigInt(filter["fromBlock"] as string), BigInt(filter["toBlock"] as string)];
  const { maxBlocks = Number.POSITIVE_INFINITY } = options;
  if (to - from >= maxBlocks) {
    throw new MethodError({ code: -32614, message: `eth_getLogs is limited to a ${maxBlocks} range` });
  }
  if (isLie() && to > from) {
    throw new MethodError({ code: -32005, message: "query returned more than 10000 results" });
  }
  const logs = view.blocks.filter(({ number }) => number >= from && number <= to).flatMap((block) => block.logs);
  if (!isLie() || logs.length === 0) return bent(logs, options);
  return random.pick<(logs: readonly ForkLog[], random: Random) => readonly unknown[]>(
    options.mayOmitAnyLog === true ? [...LIES, omitOne] : LIES,
  )(logs, random) as readonly Json[];
}

function bent(logs: readonly ForkLog[], { bendLogs }: ForkEndpointOptions): readonly Json[] {
  return (bendLogs?.(logs) ?? logs) as unknown as readonly Json[];
}

const LIES: ReadonlyArray<(logs: readonly ForkLog[], random: Random) => readonly unknown[]> = [
  () => [],
  // Legitimate: nobody promised an order.
  (logs) => logs.toReversed(),
  (logs) => [...logs, ...logs.slice(0, 1)],
  (logs) => logs.map((log) => ({ ...log, removed: true })),
  (logs) => logs.map((log) => ({ ...log, blockHash: `0x${"5d".repeat(32)}` })),
  (logs) => logs.map((log) => ({ ...log, address: `0x${"5e".repeat(20)}` })),
  (logs, random) => {
    const { blockNumber } = random.pick(logs);
    return logs.filter((log) => log.blockNumber !== blockNumber);
  },
  (logs, random) => {
    const { blockNumber, topics } = random.pick(logs);
    return logs.filter((log) => log.blockNumber !== blockNumber || log.topics[0] !== topics[0]);
  },
  // Cut off on the way: it does not decode.
  (logs, random) => {
    const cut = random.pick(logs);
    return logs.map((log) => (log === cut ? { ...log, data: log.data.slice(0, 2 + 30) } : log));
  },
  // Another request's id.
  (logs, random) => {
    const forged = random.pick(logs);
    const topics = [forged.topics[0], `0x${"5f".repeat(32)}`, ...forged.topics.slice(2)];
    return logs.map((log) => (log === forged ? { ...log, topics } : log));
  },
];

function omitOne(logs: readonly ForkLog[], random: Random): readonly ForkLog[] {
  const omitted = random.pick(logs);
  return logs.filter((log) => log !== omitted);
}

function headerOf(block: ForkBlock): Json {
  return {
    number: quantity(block.number),
    hash: block.hash,
    parentHash: block.parentHash,
    timestamp: quantity(block.timestamp),
    baseFeePerGas: quantity(7),
    logsBloom: block.bloom,
  };
}

/** One for each transaction, with all of its logs. */
function receiptsOf(block: ForkBlock | undefined): Json[] | undefined {
  if (block === undefined) return undefined;
  const byTransaction = Map.groupBy(block.logs, (log) => log.transactionHash);
  return [...byTransaction.values()].flatMap((logs) =>
    logs.slice(0, 1).map((log) => ({ ...transactionOf(log), status: "0x1", logs })),
  );
}

function transactionOf(log: ForkLog): Json {
  const { transactionHash, blockNumber, blockHash, transactionIndex } = log;
  const place = { blockNumber, blockHash, transactionIndex, from: `0x${"ab".repeat(20)}` };
  return { hash: transactionHash, transactionHash, ...place };
}
