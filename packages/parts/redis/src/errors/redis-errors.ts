// What can go wrong between us and a Redis or Valkey server.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class RedisUnreachable extends TidegateError {
  override readonly name = "RedisUnreachable";
  constructor(facts: { readonly address: string; readonly reason: string; readonly cause?: unknown }) {
    super({
      code: "redis.unreachable",
      message: `The Redis server at ${facts.address} did not answer: ${facts.reason}.`,
      remedy: "Check REDIS_URL and that the server runs and is reachable from here.",
      details: { address: facts.address },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.partDown,
    });
  }
}

export class RedisLoginRefused extends TidegateError {
  override readonly name = "RedisLoginRefused";
  constructor(facts: { readonly address: string; readonly said: string; readonly cause?: unknown }) {
    super({
      code: "redis.login-refused",
      message: `The Redis server at ${facts.address} refused the login: ${facts.said}.`,
      remedy: "Check the user and the password in REDIS_URL.",
      details: { address: facts.address },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.notAllowed,
    });
  }
}

export class RedisRefused extends TidegateError {
  override readonly name = "RedisRefused";
  constructor(facts: {
    readonly address: string;
    readonly command: string;
    readonly said: string;
    readonly cause?: unknown;
  }) {
    super({
      code: "redis.refused",
      message: `The Redis server at ${facts.address} refused ${facts.command}: ${facts.said}.`,
      remedy: /READONLY/.test(facts.said)
        ? "REDIS_URL names a replica; give the primary's address."
        : "Look up the answer in the server's documentation; its ACL may forbid the command.",
      details: { address: facts.address, command: facts.command },
      cause: facts.cause,
      blame: "dependency",
    });
  }
}

/** After a flush there were keys again: somebody writes. */
export class RedisNotEmpty extends TidegateError {
  override readonly name = "RedisNotEmpty";
  constructor(facts: { readonly address: string; readonly keys: number }) {
    super({
      code: "redis.not-empty",
      message: `The Redis server at ${facts.address} was cleared, and has ${facts.keys} keys again.`,
      remedy: "Stop what writes to it, then clear it again.",
      details: { address: facts.address, keys: facts.keys },
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}
