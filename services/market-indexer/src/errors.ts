// What can go wrong in the indexer, each with the sentence that its operator gets.
import { describeError, EXIT, redactUrl, TidegateError } from "@tidegate/kernel";

/** A log of the market does not decode, or says something that no market can say. */
export class LogUndecodable extends TidegateError {
  override readonly name = "LogUndecodable";
  /** What its first topic stands for; undefined when that is none of the market's. */
  readonly event: string | undefined;
  readonly reason: string;
  constructor(facts: {
    event: string | undefined;
    blockNumber: bigint;
    txHash: string;
    logIndex: number;
    cause: unknown;
  }) {
    const reason = describeError(facts.cause);
    super({
      code: "market-indexer.log-undecodable",
      message: `The log ${facts.logIndex} of transaction ${facts.txHash} in block ${facts.blockNumber} is no valid ${facts.event ?? "event of the market"}: ${reason}`,
      remedy:
        "It is kept in dead_letters. A release that knows it decodes it with `tidegate indexer dead-letters retry`.",
      details: { event: facts.event, block: facts.blockNumber, txHash: facts.txHash, logIndex: facts.logIndex },
      cause: facts.cause,
      blame: "dependency",
    });
    this.event = facts.event;
    this.reason = reason;
  }
}

/** Answers that cannot all be true: the chain moved between two of them, or an endpoint is behind. */
export class InconsistentAnswers extends TidegateError {
  override readonly name = "InconsistentAnswers";
  constructor(facts: { from: bigint; to: bigint; reason: string; cause?: unknown }) {
    super({
      code: "market-indexer.inconsistent-answers",
      message: `The answers about blocks ${facts.from} to ${facts.to} contradict each other: ${facts.reason}. Nothing of them was stored.`,
      remedy:
        "It is tried again, with another endpoint where there is one. If it stays, the endpoint is not to be trusted: use another, or a larger --block-delay.",
      details: { from: facts.from, to: facts.to, reason: facts.reason },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

/** The endpoint's head stays before the last stored block: it is stuck, was emptied, or follows another, shorter chain. */
export class NodeBehind extends TidegateError {
  override readonly name = "NodeBehind";
  constructor(facts: { head: bigint; indexedBlock: bigint }) {
    super({
      code: "market-indexer.node-behind",
      message: `The endpoint's head is block ${facts.head}, before block ${facts.indexedBlock}, which is stored, and stays there.`,
      remedy:
        "It is waited for, and another endpoint is asked where there is one. Look whether the node still follows its chain.",
      details: facts,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

/** The next block does not follow on the stored one: the chain was reorganised, or the answer is not true. */
export class ParentDiffers extends TidegateError {
  override readonly name = "ParentDiffers";
  constructor(facts: { stored: { number: bigint; hash: string }; parentHash: string }) {
    const { stored, parentHash } = facts;
    super({
      code: "market-indexer.parent-differs",
      message: `The block after ${stored.number} follows on ${parentHash}, but ${stored.hash} is stored. Nothing of the batch was stored.`,
      remedy: "It is tried again: where the chain was reorganised, the blocks that are gone are undone first.",
      details: { stored, parentHash },
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

/** The chain has none of the blocks that could be undone. */
export class ReorgTooDeep extends TidegateError {
  override readonly name = "ReorgTooDeep";
  constructor(facts: { oldest: bigint; stored: string; found: string }) {
    super({
      code: "market-indexer.reorg-too-deep",
      message:
        `The chain differs from what is stored further back than can be undone: block ${facts.oldest}, the oldest whose hash is kept, ` +
        `is ${facts.found} there and ${facts.stored} here. Nothing was changed.`,
      remedy:
        "Make sure that the endpoint serves the chain that this database holds, and is whole. If the chain really was reorganised that " +
        "deeply, index it into another database, with a larger --reorg-depth.",
      details: facts,
      blame: "dependency",
    });
  }
}

/** There is no contract at the market's address. */
export class MarketNotFound extends TidegateError {
  override readonly name = "MarketNotFound";
  constructor(facts: { address: string; chainId: bigint }) {
    super({
      code: "market-indexer.market-not-found",
      message: `There is no contract at ${facts.address} on chain ${facts.chainId}. Nothing was stored.`,
      remedy: "Correct BOUNDLESS_MARKET_ADDRESS, or ETH_RPC_URL if it leads to another chain than you meant.",
      details: facts,
      blame: "user",
    });
  }
}

/** The database holds another chain or market. */
export class MarketMismatch extends TidegateError {
  override readonly name = "MarketMismatch";
  constructor(facts: { stored: { chainId: bigint; address: string }; given: { chainId: bigint; address: string } }) {
    super({
      code: "market-indexer.market-mismatch",
      message:
        `This database holds the market ${facts.stored.address} of chain ${facts.stored.chainId}, ` +
        `not ${facts.given.address} of chain ${facts.given.chainId}. Nothing was changed.`,
      remedy: "Use another database for another market, or correct the market's address and the RPC endpoint.",
      details: facts,
      blame: "user",
    });
  }
}

/** Another process holds the writer's lock of this database. */
export class IndexerAlreadyRunning extends TidegateError {
  override readonly name = "IndexerAlreadyRunning";
  constructor(facts: { holder: { application: string; pid: number; since: Date } | undefined; waitedMs: number }) {
    const { holder } = facts;
    const who =
      holder === undefined
        ? "a session that has just gone"
        : `"${holder.application}" (backend ${holder.pid}, connected since ${holder.since.toISOString()})`;
    super({
      code: "market-indexer.already-running",
      message: `Another indexer writes to this database: ${who} held its lock for ${facts.waitedMs} ms. Nothing was changed.`,
      remedy: `Stop the other one first${holder === undefined ? "" : `, or end its session: select pg_terminate_backend(${holder.pid})`}.`,
      details: { holder, waitedMs: facts.waitedMs },
      retry: "later",
      blame: "user",
      exit: EXIT.tryAgain,
    });
  }
}

/** Somebody else has moved `last_block`: this process no longer is the writer. */
export class IndexerSuperseded extends TidegateError {
  override readonly name = "IndexerSuperseded";
  constructor(facts: { expected: bigint | undefined; found: bigint | undefined; cause?: unknown }) {
    super({
      code: "market-indexer.superseded",
      message:
        `Another process has written to this database: its last block is ${facts.found ?? "none"}, ` +
        `not ${facts.expected ?? "none"}. The batch was rolled back.`,
      remedy:
        "Make sure that one indexer alone runs on this database; started again, it goes on from the stored block.",
      details: { expected: facts.expected, found: facts.found },
      cause: facts.cause,
      exit: EXIT.tryAgain,
    });
  }
}

/** Trying again did not help often enough. */
export class RetriesExhausted extends TidegateError {
  override readonly name = "RetriesExhausted";
  constructor(facts: { failures: number; cause: unknown }) {
    super({
      code: "market-indexer.retries-exhausted",
      message:
        `FATAL: ${facts.failures} tries in a row failed. The last one: ${describeError(facts.cause)} ` +
        "What is stored is whole.",
      remedy: "Remove the cause that the last error names; started again, it goes on where it stopped.",
      details: { failures: facts.failures },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

/** The order stream did not give a usable page. */
export class OrderStreamUnavailable extends TidegateError {
  override readonly name = "OrderStreamUnavailable";
  constructor(facts: { url: string; reason: string; retryable: boolean; cause?: unknown }) {
    super({
      code: "market-indexer.order-stream-unavailable",
      message: `The order stream ${redactUrl(facts.url)} gave no usable page: ${facts.reason}. Nothing of the batch was stored.`,
      remedy: facts.retryable
        ? "It is tried again. Check ORDER_STREAM_URL, or unset it to index without off-chain requests."
        : "Check ORDER_STREAM_URL and ORDER_STREAM_API_KEY, or unset both to index without off-chain requests.",
      details: { url: redactUrl(facts.url) },
      cause: facts.cause,
      retry: facts.retryable ? "later" : "never",
      blame: "dependency",
      exit: facts.retryable ? EXIT.tryAgain : EXIT.failed,
    });
  }
}

/** The port for health and metrics is not free. */
export class HealthPortTaken extends TidegateError {
  override readonly name = "HealthPortTaken";
  constructor(facts: { port: number; cause: unknown }) {
    super({
      code: "market-indexer.health-port-taken",
      message: `Port ${facts.port} on 127.0.0.1 for /health and /metrics cannot be listened on. Nothing was indexed.`,
      remedy: "End the process that holds it, or choose another with MARKET_INDEXER_HEALTH_PORT.",
      details: { port: facts.port },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.partDown,
    });
  }
}

/** The database has no tables of the market, or none of this version. */
export class MarketNotIndexed extends TidegateError {
  override readonly name = "MarketNotIndexed";
  constructor(facts: { cause?: unknown } = {}) {
    super({
      code: "market-indexer.not-indexed",
      message: "This database holds no market, or its indexer is of an older version. Nothing was changed.",
      remedy: "Start the market indexer on it first, or correct DATABASE_URL.",
      cause: facts.cause,
      blame: "user",
    });
  }
}

/** There is none at the place that was named. */
export class DeadLetterNotFound extends TidegateError {
  override readonly name = "DeadLetterNotFound";
  constructor(facts: { blockNumber: bigint; logIndex: number }) {
    super({
      code: "market-indexer.dead-letter-not-found",
      message: `There is no dead letter of log ${facts.logIndex} of block ${facts.blockNumber}. Nothing was changed.`,
      remedy: "`tidegate indexer dead-letters ls` shows those that there are.",
      details: facts,
      blame: "user",
    });
  }
}
