// What can go wrong with a server that we start ourselves.
import { EXIT, TidegateError } from "@tidegate/kernel";

/** Where a port is chosen. */
export interface PortSetting {
  readonly flag: string;
  readonly variable: string;
}

const SERVER_PORT: PortSetting = { flag: "--port", variable: "TIDEGATE_POSTGRES_PORT" };

export class PostgresPortTaken extends TidegateError {
  override readonly name = "PostgresPortTaken";
  constructor(facts: { port: number; setting?: PortSetting; cause?: unknown }) {
    const { flag, variable } = facts.setting ?? SERVER_PORT;
    super({
      code: "postgres.port-taken",
      message: `Port ${facts.port} on 127.0.0.1 is taken by another program, so PostgreSQL was not started.`,
      remedy: `End that program (\`ss -ltnp\` names it), or choose another port with ${flag} or ${variable}; 0 takes a free one.`,
      details: { port: facts.port },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.partDown,
    });
  }
}

/** The folder holds something that must not be overwritten and cannot be started. */
export class PostgresDataDirUnusable extends TidegateError {
  override readonly name = "PostgresDataDirUnusable";
  constructor(facts: { dir: string; reason: string; remedy: string; cause?: unknown }) {
    super({
      code: "postgres.data-dir-unusable",
      message: `The data folder ${facts.dir} cannot be used: ${facts.reason}. Nothing in it was changed.`,
      remedy: facts.remedy,
      details: { dir: facts.dir },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.failed,
    });
  }
}

/** initdb or the server ended by itself. */
export class PostgresStartFailed extends TidegateError {
  override readonly name = "PostgresStartFailed";
  /** `how` follows the program's name: "ended with 1 during the start". */
  constructor(facts: { program: "initdb" | "postgres"; how: string; logTail: string; cause?: unknown }) {
    const said = facts.logTail === "" ? "Its log says why" : `It said: ${facts.logTail}`;
    super({
      code: "postgres.start-failed",
      message: `${facts.program} ${facts.how}. What was committed is safe. ${said}.`,
      remedy: "Correct what the server's log names, then start again.",
      details: { program: facts.program, logTail: facts.logTail },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.partDown,
    });
  }
}
