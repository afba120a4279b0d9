// From a JSON-RPC error object to one of our errors, which says whether and how to go on.
import type { TidegateError } from "@tidegate/kernel";
import { RpcAnswerTooLarge } from "./errors/rpc-answer-too-large.ts";
import { RpcRangeTooLarge } from "./errors/rpc-range-too-large.ts";
import { RpcRateLimited } from "./errors/rpc-rate-limited.ts";
import { RpcRefused } from "./errors/rpc-refused.ts";
import { rangeHint } from "./range-hint.ts";

export interface JsonRpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export interface ErrorContext {
  readonly method: string;
  /** Redacted. */
  readonly url: string;
  readonly retryAfterMs: number | undefined;
}

/** The range comes first: Infura says -32005 both for too many results and for too many requests. */
export function classifyRpcError(error: JsonRpcError, context: ErrorContext): TidegateError {
  const { code, message } = error;
  if (context.method === "eth_getLogs") {
    const hint = rangeHint(message) ?? rangeHint(textOf(error.data));
    if (hint !== undefined) return new RpcRangeTooLarge({ ...context, reason: message, hint });
  }
  if (isRateLimit(error)) return new RpcRateLimited({ ...context, reason: message });
  if (isTooLarge(error)) return new RpcAnswerTooLarge({ ...context, reason: message });
  return new RpcRefused({
    ...context,
    rpcCode: code,
    rpcMessage: message,
    rpcData: error.data,
    canPass: canPass(error),
  });
}

/** Tenderly says "invalid params", and what is wrong with them in the data. */
function textOf(data: unknown): string {
  return (JSON.stringify(data) ?? "").slice(0, 1_000);
}

/** -32005: EIP-1474 "limit exceeded"; -32097: Ankr and others; 429: Alchemy, in the body. */
export function isRateLimit({ code, message }: JsonRpcError): boolean {
  return (
    code === -32005 ||
    code === -32097 ||
    code === 429 ||
    /rate.?limit|too many requests|requests? (?:count|limit) (?:exceeded|reached)|exceeded its (?:compute units|throughput)/i.test(
      message,
    )
  );
}

/** geth: -32003 "response too large" for what of a batch no longer fits; others in words. */
function isTooLarge({ message }: JsonRpcError): boolean {
  return /response (?:is )?too (?:large|big)|response size (?:exceeded|is larger|should not)/i.test(message);
}

/**
 * What says that the question is wrong: -32700, -32600 and -32602 of JSON-RPC 2.0, 3 (a revert, geth), and those that say that the method is
 * not there. All else is taken for what may pass: behind load balancers, "request timed out", "server is busy", "header not found" and
 * "no backend is currently healthy" all come as -32000, and words are without end.
 */
const LASTING = new Set([-32700, -32600, -32602, 3]);

function canPass(error: JsonRpcError): boolean {
  const { code, message } = error;
  if (/revert/i.test(message)) return false;
  if (/header not found|beyond (?:the )?(?:current )?head|unknown block|block not found/i.test(message)) return true;
  return !LASTING.has(code) && !isNoSuchMethod(error);
}

/** -32601: JSON-RPC 2.0; -32004: EIP-1474; others say it in words. */
function isNoSuchMethod({ code, message }: JsonRpcError): boolean {
  return (
    code === -32601 ||
    code === -32004 ||
    /method.*(?:not (?:found|supported|available|allowed|whitelisted|enabled)|does ?n[o']t exist|disabled)|(?:unsupported|unknown) method/i.test(
      message,
    )
  );
}

/** Another endpoint may know the block or the method, or be less busy. */
export function isPerhapsElsewhere({ rpcCode, rpcMessage, retry }: RpcRefused): boolean {
  return retry !== "never" || isNoSuchMethod({ code: rpcCode, message: rpcMessage });
}
