// Auxo's thin face: the Lambda handler, and the operation for an operator.
import { createAuxoHandler } from "./handler.ts";

export { loadConfig, type AuxoConfig } from "./config.ts";
export { BAZOOKA_LAMBDA_FUNCTION_NAME, ECS_DB_WRITER_SERVICE_NAMES, ECS_SERVICE_NAMES } from "./constants.ts";
export { createUpgradeOperation, type AuxoDeps } from "./create-operations.ts";
export { createAuxoHandler, type AuxoHandler, type AuxoHandlerOptions } from "./handler.ts";
export type { AuxoEventJson, AuxoResponse, UpgradeInput, UpgradeResult } from "./types.ts";

export const handler = createAuxoHandler();
