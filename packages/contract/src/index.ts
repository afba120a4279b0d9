// The operator's HTTP contract: what it answers, as zod schemas and the types made from them. Console and CLI read these.
export { contractErrorSchema, errorBodySchema, type ContractError, type ErrorBody } from "./error.ts";
export { healthSchema, type Health } from "./health.ts";
export { blockNumberSchema, marketProgressSchema, type MarketProgress } from "./market-progress.ts";
export {
  COMPONENT_STATES,
  componentKind,
  componentSchema,
  componentStateSchema,
  instanceSchema,
  type Component,
  type ComponentInstance,
  type ComponentState,
} from "./component.ts";
export { statusSchema, type Status } from "./status.ts";
