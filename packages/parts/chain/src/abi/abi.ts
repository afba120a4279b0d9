// The vocabulary to describe a contract with; exported as `abi`, because `string` and `bool` alone would say too little.
export { event, func, indexed } from "./members.ts";
export { address, arrayOf, bool, bytes, fixedBytes, string, struct, uint } from "./types.ts";
