// What can go wrong with a chain that we run ourselves.
import { EXIT, TidegateError } from "@tidegate/kernel";

/** The port that clients are to use belongs to somebody else. */
export class ChainPortTaken extends TidegateError {
  override readonly name = "ChainPortTaken";
  constructor(facts: { port: number; cause: unknown }) {
    super({
      code: "chain.port-taken",
      message: `Port ${facts.port} of 127.0.0.1 is taken by another program. The embedded chain was not started.`,
      remedy: `Stop that program (\`ss -ltnp 'sport = :${facts.port}'\` names it), or choose another port with TIDEGATE_CHAIN_PORT.`,
      details: { port: facts.port },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.partDown,
    });
  }
}

/** Another process runs the chain of this folder. */
export class ChainInUse extends TidegateError {
  override readonly name = "ChainInUse";
  constructor(facts: { dataDir: string; pid: number }) {
    super({
      code: "chain.in-use",
      message: `The chain in ${facts.dataDir} is run by process ${facts.pid}. Nothing was changed.`,
      remedy: `Stop process ${facts.pid}, or choose another folder with TIDEGATE_CHAIN_DATA_DIR.`,
      details: facts,
      retry: "later",
      blame: "user",
      exit: EXIT.tryAgain,
    });
  }
}

/** anvil ended, or never answered. */
export class AnvilFailed extends TidegateError {
  override readonly name = "AnvilFailed";
  constructor(facts: { reason: string; stderr?: string; cause?: unknown }) {
    super({
      code: "chain.anvil-failed",
      message: `anvil ${facts.reason}. The journal of blocks is unharmed.${facts.stderr === undefined || facts.stderr === "" ? "" : ` It said: ${facts.stderr}`}`,
      remedy:
        "Start again; if it stays so, look for a lack of memory (anvil keeps the whole chain there), or set RPC_URL.",
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.partDown,
    });
  }
}

/** A line of the journal, not the last one, is not a block. */
export class JournalBroken extends TidegateError {
  override readonly name = "JournalBroken";
  constructor(facts: { file: string; line: number; reason: string }) {
    super({
      code: "chain.journal-broken",
      message: `Line ${facts.line} of ${facts.file} ${facts.reason}. The chain was not started and nothing was changed.`,
      remedy: "Restore the file from a copy, or delete the chain's data folder and every database that indexes it.",
      details: facts,
      blame: "dependency",
    });
  }
}

/** Blocks mined again from the journal are not the blocks that were there before. */
export class ReplayDiverged extends TidegateError {
  override readonly name = "ReplayDiverged";
  constructor(facts: { block: number; expected: string; actual: string }) {
    super({
      code: "chain.replay-diverged",
      message: `Block ${facts.block} came out of the replay as ${facts.actual}, but was ${facts.expected}. The journal is unchanged; the chain was stopped.`,
      remedy:
        "Use the version of anvil and the chain id that made the journal; else delete the chain's data folder and every database that indexes it.",
      details: facts,
      blame: "dependency",
    });
  }
}

/** Somebody rewound or reset the running chain, which the journal cannot follow. */
export class ChainRewound extends TidegateError {
  override readonly name = "ChainRewound";
  constructor(facts: { block: number; expected: string; actual: string }) {
    super({
      code: "chain.rewound",
      message: `Block ${facts.block} is ${facts.actual} on the running chain and ${facts.expected} in its journal: a client reset, reverted or reorganised it.`,
      remedy:
        "Start again: the chain comes back as the journal has it. Do not send evm_revert, anvil_reset or anvil_reorg to this chain.",
      details: facts,
      blame: "user",
    });
  }
}

/** The chain was asked for something after it ended. */
export class ChainStopped extends TidegateError {
  override readonly name = "ChainStopped";
  constructor(facts: { cause?: unknown }) {
    super({
      code: "chain.stopped",
      message: "The embedded chain is not running.",
      remedy: "Start it again.",
      cause: facts.cause,
      exit: EXIT.partDown,
    });
  }
}

/** The folder holds a chain with another id. */
export class ChainIdDiffers extends TidegateError {
  override readonly name = "ChainIdDiffers";
  constructor(facts: { dataDir: string; kept: number; asked: number }) {
    super({
      code: "chain.id-differs",
      message: `The chain in ${facts.dataDir} has the id ${facts.kept}, and ${facts.asked} was asked for. Nothing was changed.`,
      remedy: `Ask for ${facts.kept}, or choose another folder.`,
      details: facts,
      blame: "user",
    });
  }
}

/** The journal could not take a block. */
export class JournalNotWritten extends TidegateError {
  override readonly name = "JournalNotWritten";
  constructor(facts: { block: number; cause: unknown }) {
    super({
      code: "chain.journal-not-written",
      message: `Block ${facts.block} could not be written to the journal, so it was not mined. The blocks before it are safe.`,
      remedy: "Make room on the disk of the chain's data folder, then start again.",
      details: { block: facts.block },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
    });
  }
}
