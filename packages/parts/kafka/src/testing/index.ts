// For tests and benches: brokers of their own.
export { startTestBroker, startTestCluster, type TestBroker } from "./start-test-broker.ts";
export { brokerJars, javaProgram } from "./java-program.ts";
