// Functions: short-lived code behind one port; on Lambda, or as processes of this machine.
export {
  FunctionBusy,
  FunctionCrashed,
  FunctionFailed,
  FunctionStateUnreadable,
  FunctionUnknown,
  FunctionUpdateFailed,
  ImageRefused,
  InvocationLost,
  PayloadTooLarge,
  type FunctionErrorFacts,
} from "./errors.ts";
export type { Functions, FunctionState, FunctionStatus, Invocation } from "./port.ts";
export { PAYLOAD_LIMIT_BYTES } from "./payload.ts";
export { waitForFunction, type WaitForFunction } from "./wait-for-function.ts";
export {
  createLocalFunctions,
  type LocalFunctions,
  type LocalFunctionsOptions,
} from "./local/create-local-functions.ts";
export type { FunctionsManifest } from "./local/read-function-spec.ts";
export { createLambdaFunctions, type LambdaFunctionsOptions } from "./lambda/create-lambda-functions.ts";
