// Bazooka's thin face: the Lambda handler, and the operations for an operator.
import { createBazookaHandler } from "./handler.ts";

export { loadConfig, type BazookaConfig } from "./config.ts";
export { createBazookaHandler, startBugsnag, type BazookaHandler, type BazookaHandlerOptions } from "./handler.ts";
export { createPrepare, type PrepareDeps } from "./operations/prepare/operation.ts";
export { createUnlock } from "./operations/unlock/operation.ts";
export type { BazookaEventJson, BazookaInput, BazookaResponse, PrepareResult } from "./types.ts";

export const handler = createBazookaHandler();
