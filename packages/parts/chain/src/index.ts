// The chain part: a JSON-RPC client, the ABI, and an embedded chain.

// ABI and EIP-712.
export * as abi from "./abi/abi.ts";
export { compileCallEncoder, compileEncoder } from "./abi/compile-encoder.ts";
export { compileDecoder } from "./abi/compile-decoder.ts";
export { compileEventDecoder, type EncodedEvent } from "./abi/compile-event-decoder.ts";
export { compileStructHash, encodeStructType } from "./abi/compile-struct-hash.ts";
export { AbiDecodeError, AbiEncodeError, AbiTypeInvalid } from "./abi/errors.ts";
export { bufferToHex, hexToBuffer } from "./abi/hex.ts";
export { keccak256 } from "./abi/keccak256.ts";
export type { AbiEvent, AbiFunction, EventFields, EventValues, Indexed } from "./abi/members.ts";
export { hashDomain, typedDataDigest, type TypedDataDomain } from "./abi/typed-data.ts";
export type { AbiFields, AbiType, ValueOf, ValuesOf } from "./abi/types.ts";
