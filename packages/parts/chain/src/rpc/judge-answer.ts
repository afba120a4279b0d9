// What an HTTP exchange means for each of its calls. Pure: no sending, no waiting.
import { describeError, type TidegateError } from "@tidegate/kernel";
import { classifyRpcError, isRateLimit, type ErrorContext, type JsonRpcError } from "./classify-rpc-error.ts";
import { RpcAnswerTooLarge } from "./errors/rpc-answer-too-large.ts";
import { RpcBadAnswer } from "./errors/rpc-bad-answer.ts";
import { RpcRangeTooLarge } from "./errors/rpc-range-too-large.ts";
import { RpcRateLimited } from "./errors/rpc-rate-limited.ts";
import { RpcRefused } from "./errors/rpc-refused.ts";
import { RpcUnreachable } from "./errors/rpc-unreachable.ts";
import type { PostResult } from "./http-post.ts";
import { readAnswers, type Answer } from "./read-answers.ts";
import type { RpcCall, RpcOutcome } from "./rpc-call.ts";

export interface Exchange {
  readonly calls: readonly RpcCall[];
  readonly ids: readonly number[];
  readonly shownUrl: string;
  readonly redact: (text: string) => string;
  readonly maxBodyBytes: number;
}

export type Judgement =
  /** In the order of the calls. */
  | { readonly kind: "outcomes"; readonly outcomes: readonly RpcOutcome[] }
  /** Nothing was done: the endpoint takes batches of this size at most. */
  | { readonly kind: "batch-refused"; readonly maxBatch: number };

type HttpAnswer = Extract<PostResult, { kind: "answer" }>;

export function judgeAnswer(result: PostResult, exchange: Exchange): Judgement {
  switch (result.kind) {
    case "failed":
      return all(exchange, (context) => {
        const { isNotSent, cause } = result;
        return new RpcUnreachable({ ...context, reason: exchange.redact(result.reason), isNotDone: isNotSent, cause });
      });
    case "too-large":
      return all(exchange, (context) => tooLarge(context, `it exceeds the limit of ${exchange.maxBodyBytes} bytes`));
    case "answer":
      return judgeHttpAnswer(result, exchange);
  }
}

function judgeHttpAnswer(answer: HttpAnswer, exchange: Exchange): Judgement {
  const { status, retryAfterMs } = answer;
  const scanned = status < 300 ? scanSingle(answer, exchange) : undefined;
  if (scanned !== undefined) return { kind: "outcomes", outcomes: [scanned] };
  const read = readAnswers(answer.body.toString("utf8"), exchange.ids);
  const reason = exchange.redact(`HTTP ${status}${messageIn(read)}`);
  // QuickNode and Base send 413 with a JSON-RPC error that names the range they allow; others send it with nothing.
  if (status === 413 && read.kind !== "answers") return all(exchange, (context) => tooLarge(context, reason));
  if (status === 429) return all(exchange, (context) => new RpcRateLimited({ ...context, reason, retryAfterMs }));
  if (status === 401 || status === 403 || status === 404 || status === 405) {
    return all(exchange, (context) => new RpcUnreachable({ ...context, reason, isNotDone: true, canPass: false }));
  }
  switch (read.kind) {
    case "answers":
      return {
        kind: "outcomes",
        outcomes: exchange.calls.map((call, i) => judgeOne(call, read.answers[i], answer, exchange)),
      };
    case "whole":
      return judgeWhole(read.error, answer, exchange);
    case "bad":
      if (status < 300) return all(exchange, (context) => new RpcBadAnswer({ ...context, reason: read.reason }));
      if (status === 400 && exchange.calls.length > 1) return { kind: "batch-refused", maxBatch: 1 };
      return all(exchange, (context) => unreachable(context, reason, answer));
  }
}

/** Undefined where the body is to be read as JSON. */
function scanSingle({ body, retryAfterMs }: HttpAnswer, exchange: Exchange): RpcOutcome | undefined {
  const [[call], [id]] = [exchange.calls, exchange.ids];
  if (call?.scan === undefined || id === undefined || exchange.calls.length > 1) return undefined;
  try {
    const value = call.scan(body, id);
    return value === undefined ? undefined : { ok: true, value };
  } catch (cause) {
    const context = contextOf(call, exchange, retryAfterMs);
    return failure(new RpcBadAnswer({ ...context, reason: exchange.redact(describeError(cause)), cause }));
  }
}

/** One error for a batch: about batches, or the same for each call. */
function judgeWhole(error: JsonRpcError, answer: HttpAnswer, exchange: Exchange): Judgement {
  const size = exchange.calls.length;
  const isAboutBatches =
    !isRateLimit(error) && (/batch/i.test(error.message) || error.code === -32600 || error.code === -32700);
  if (isAboutBatches) {
    // geth: "batch too large"; erigon: "batch limit 100 exceeded"; dRPC: "Batch of more than 3 requests are not allowed".
    const isAboutSize = /too (?:large|big|many)|limit|exceed|more than|max/i.test(error.message);
    return { kind: "batch-refused", maxBatch: isAboutSize ? Math.floor(size / 2) : 1 };
  }
  return {
    kind: "outcomes",
    outcomes: exchange.calls.map((call) => judgeOne(call, { error }, answer, exchange)),
  };
}

function judgeOne(call: RpcCall, answer: Answer | undefined, http: HttpAnswer, exchange: Exchange): RpcOutcome {
  const context = contextOf(call, exchange, http.retryAfterMs);
  if (answer === undefined) return failure(new RpcBadAnswer({ ...context, reason: "an item is missing" }));
  if ("error" in answer) return failure(judgeError(answer.error, context, http, exchange));
  if (http.status >= 300) return failure(unreachable(context, `HTTP ${http.status}`, http));
  try {
    return { ok: true, value: call.parse === undefined ? answer.result : call.parse(answer.result) };
  } catch (cause) {
    return failure(new RpcBadAnswer({ ...context, reason: exchange.redact(describeError(cause)), cause }));
  }
}

function judgeError(given: JsonRpcError, context: ErrorContext, http: HttpAnswer, exchange: Exchange): TidegateError {
  const error = classifyRpcError({ ...given, message: exchange.redact(given.message) }, context);
  const isTooLarge = error instanceof RpcAnswerTooLarge || (http.status === 413 && error instanceof RpcRefused);
  if (isTooLarge) return tooLarge(context, exchange.redact(given.message));
  const isServerFault =
    http.status >= 500 && error instanceof RpcRefused && (error.retry !== "never" || given.code === 0);
  return isServerFault ? unreachable(context, `HTTP ${http.status}, ${exchange.redact(given.message)}`, http) : error;
}

/** For eth_getLogs too large an answer means too large a range. */
function tooLarge(context: ErrorContext, reason: string): TidegateError {
  return context.method === "eth_getLogs"
    ? new RpcRangeTooLarge({ ...context, reason, hint: {} })
    : new RpcAnswerTooLarge({ ...context, reason });
}

function unreachable(context: ErrorContext, reason: string, { status, retryAfterMs }: HttpAnswer): RpcUnreachable {
  const canPass = status >= 500 || status === 408 || status === 425;
  return new RpcUnreachable({ ...context, reason, isNotDone: false, canPass, retryAfterMs });
}

function all(exchange: Exchange, errorFor: (context: ErrorContext) => TidegateError): Judgement {
  const outcomes = exchange.calls.map((call) => failure(errorFor(contextOf(call, exchange, undefined))));
  return { kind: "outcomes", outcomes };
}

function contextOf(call: RpcCall, { shownUrl }: Exchange, retryAfterMs: number | undefined): ErrorContext {
  return { method: call.method, url: shownUrl, retryAfterMs };
}

function messageIn(read: ReturnType<typeof readAnswers>): string {
  if (read.kind === "whole") return `, ${read.error.message}`;
  const first = read.kind === "answers" ? read.answers[0] : undefined;
  return first !== undefined && "error" in first ? `, ${first.error.message}` : "";
}

function failure(error: TidegateError): RpcOutcome {
  return { ok: false, error };
}
