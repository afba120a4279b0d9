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
export {
  ROLES,
  roleSchema,
  tokenNameSchema,
  tokenSchema,
  tokensFileSchema,
  whoamiSchema,
  type Role,
  type TokensFile,
  type Whoami,
} from "./tokens.ts";
export { operationSchema, operationsSchema, type OperationView } from "./operation.ts";
export { planDraftSchema, planSchema, type PlanDraftView, type PlanView } from "./plan.ts";
export {
  outcomeSchema,
  progressSchema,
  rebuiltSchema,
  RUN_STATES,
  runDetailSchema,
  runExportSchema,
  runPageSchema,
  runStateSchema,
  runSummarySchema,
  startedSchema,
  storedEventSchema,
  storedEventsSchema,
  type OutcomeView,
  type ProgressView,
  type RunDetailView,
  type RunStateName,
  type RunSummaryView,
  type StartedView,
  type StepJson,
  type StoredEventView,
} from "./run.ts";
export {
  applyRequestSchema,
  approveRequestSchema,
  auditQuerySchema,
  cancelRequestSchema,
  eventsQuerySchema,
  planRequestSchema,
  retryRequestSchema,
  runsQuerySchema,
  signalRequestSchema,
  startRequestSchema,
  waitQuerySchema,
  type StartRequest,
} from "./requests.ts";
export {
  auditSchema,
  doneSchema,
  locksSchema,
  scheduleRequestSchema,
  schedulesSchema,
  type ScheduleJson,
  type ScheduleRequest,
} from "./schedule.ts";
