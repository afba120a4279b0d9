// For tests of engines.
export { describeEngine, type EngineUnderTest } from "../conformance.ts";
export { sampleOperation, type Happened, type SampleOptions } from "./sample-operations.ts";
