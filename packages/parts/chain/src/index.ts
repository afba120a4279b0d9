// The chain part: a JSON-RPC client, the ABI, and an embedded chain.

// ABI and EIP-712.
export * as abi from "./abi/abi.ts";
export { compileCallEncoder, compileEncoder } from "./abi/compile-encoder.ts";
export { compileDecoder } from "./abi/compile-decoder.ts";
export { compileEventDecoder, type EncodedEvent } from "./abi/compile-event-decoder.ts";
export { compileStructHash, encodeStructType } from "./abi/compile-struct-hash.ts";
export { AbiDecodeError, AbiEncodeError, AbiTypeInvalid } from "./abi/errors.ts";
export { bufferToHex, hexToBuffer } from "./abi/hex.ts";
export { createKeccak256, keccak256, type Keccak256 } from "./keccak/keccak256.ts";
export type { AbiEvent, AbiFunction, EventFields, EventValues, Indexed } from "./abi/members.ts";
export { hashDomain, typedDataDigest, type TypedDataDomain } from "./abi/typed-data.ts";
export type { AbiFields, AbiType, ValueOf, ValuesOf } from "./abi/types.ts";

// The logs bloom of a header.
export { bloomBitsOf, bloomFill, bloomHas, bloomOfLogs, parseBloom, type BloomBits } from "./bloom/logs-bloom.ts";

// JSON-RPC.
export { callAll } from "./rpc/call-all.ts";
export { checkChain } from "./rpc/check-chain.ts";
export { RpcAnswerTooLarge } from "./rpc/errors/rpc-answer-too-large.ts";
export { RpcBadAnswer } from "./rpc/errors/rpc-bad-answer.ts";
export { RpcClientClosed } from "./rpc/errors/rpc-client-closed.ts";
export { RpcBlockTooLarge, RpcRangeTooLarge, type RangeHint } from "./rpc/errors/rpc-range-too-large.ts";
export { RpcRateLimited } from "./rpc/errors/rpc-rate-limited.ts";
export { RpcRefused } from "./rpc/errors/rpc-refused.ts";
export { RpcUnreachable } from "./rpc/errors/rpc-unreachable.ts";
export { RpcUrlInvalid } from "./rpc/errors/rpc-url-invalid.ts";
export { WrongChainId } from "./rpc/errors/wrong-chain-id.ts";
export { getBlockNumber } from "./rpc/get-block-number.ts";
export { getBlockReceipts, type RpcReceipt } from "./rpc/get-block-receipts.ts";
export { getBlocksByNumber, type RpcBlock } from "./rpc/get-blocks-by-number.ts";
export { getChainId } from "./rpc/get-chain-id.ts";
export { getCode } from "./rpc/get-code.ts";
export { getLogs, getLogsUpTo, type GetLogs, type LogsUpTo } from "./rpc/get-logs.ts";
export { getLogsOfBlocks, type BlockPlace } from "./rpc/get-logs-of-blocks.ts";
export { getReceiptLogs } from "./rpc/get-receipt-logs.ts";
export { getTransactionsByHash, type RpcTransaction } from "./rpc/get-transactions-by-hash.ts";
export {
  orNull,
  parseAddress,
  parseData,
  parseHash,
  parseIndex,
  parseList,
  parseObject,
  parseQuantity,
  type Hex,
} from "./rpc/parse.ts";
export type { RpcLog } from "./rpc/parse-logs.ts";
export type { WrittenLogs } from "./rpc/scan-logs.ts";
export type { RpcCall, RpcOutcome } from "./rpc/rpc-call.ts";
export { createRpcClient, type RpcCallOptions, type RpcClient, type RpcClientOptions } from "./rpc/rpc-client.ts";
export type { RpcEvent } from "./rpc/rpc-event.ts";

// Embedded chain.
export { anvilBinary } from "./embedded/anvil-binary.ts";
export type { ChainEvent } from "./embedded/chain-event.ts";
export type { ChainHead } from "./embedded/chain-node.ts";
export {
  AnvilFailed,
  ChainIdDiffers,
  ChainInUse,
  ChainPortTaken,
  ChainRewound,
  ChainStopped,
  JournalBroken,
  JournalNotWritten,
  ReplayDiverged,
} from "./embedded/errors.ts";
export { startEmbeddedChain, type EmbeddedChain, type EmbeddedChainOptions } from "./embedded/start-embedded-chain.ts";
export { stopEmbeddedChain } from "./embedded/stop-embedded-chain.ts";
