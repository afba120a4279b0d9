// What tests of other packages need of this part.
export { startTestChain, type TestChain } from "./start-test-chain.ts";
export {
  MethodError,
  startFaultServer,
  type Fault,
  type FaultServer,
  type FaultServerOptions,
  type ReceivedCall,
  type RpcErrorBody,
} from "./fault-server.ts";
export { createInstantClock, type InstantClock } from "./instant-clock.ts";
export { rangeDialects, type RangeDialect } from "./range-dialects.ts";
