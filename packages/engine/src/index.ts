// The engine: operations, plans, durable runs.
export { createDurableEngine, type DurableEngineOptions } from "./durable/create-durable-engine.ts";
export {
  BY_CONTRACT,
  type Capability,
  type Engine,
  type PlanOptions,
  type RunOutcome,
  type StartOptions,
  type Started,
  type SteerOptions,
} from "./control/engine.ts";
export type { LockView } from "./control/lock-view.ts";
export type {
  Approval,
  Fence,
  Progress,
  RunContext,
  SignalOptions,
  StepContext,
  StepOptions,
} from "./context/run-context.ts";
export {
  ExecutorLost,
  EngineOff,
  FenceStale,
  NotSupported,
  ReleaseOutdated,
  RunsOfOtherVersions,
} from "./errors/executor-errors.ts";
export { InputInvalid, OperationInvalid, OperationUnknown, type InputProblem } from "./errors/operation-errors.ts";
export { ConfirmationMissing, PlanStale, PlanUnknown, type PlanChange } from "./errors/plan-errors.ts";
export {
  ApprovalRefused,
  ApprovalTimedOut,
  LockHeld,
  RunCancelled,
  RunEnded,
  RunUnknown,
  StartKeyReused,
  StepUnknown,
} from "./errors/run-errors.ts";
export { ScheduleInvalid, ScheduleUnknown } from "./errors/schedule-errors.ts";
export type {
  EngineEvent,
  EventCode,
  EventData,
  EventError,
  EventListener,
  StepKind,
  WaitKind,
} from "./events/engine-event.ts";
export { decode, encode } from "./journal/codec.ts";
export { scrub } from "./journal/scrub.ts";
export { secretsOfUrl } from "./journal/secrets-of-url.ts";
export { validateInput } from "./operation/validate-input.ts";
export { defineOperation, type OperationDeclaration } from "./operation/define-operation.ts";
export {
  operationId,
  type AnyOperation,
  type Danger,
  type ObserveContext,
  type Operation,
  type RunFacts,
} from "./operation/operation.ts";
export { destroys, hasChanges, type Plan, type PlanDraft, type PlanStep } from "./plan/plan.ts";
export {
  ENDED_STATES,
  type RunDetail,
  type RunFilter,
  type RunPage,
  type RunState,
  type RunSummary,
  type StepView,
  type StoredEvent,
  type Waiting,
} from "./projection/run.ts";
export type { MissedTicks, Schedule, Schedules, ScheduleView } from "./schedules/schedule.ts";
export { createVolatileEngine, type VolatileEngineOptions } from "./volatile/create-volatile-engine.ts";
export {
  createHandler,
  DEADLINE_MARGIN_MS,
  type HandlerContext,
  type HandlerOptions,
} from "./handler/create-handler.ts";
export { chooseMode, type HandlerMode } from "./handler/choose-mode.ts";
export { HandlerDeadline, HandlerTooLate } from "./handler/handler-errors.ts";
export { readEventFields, shownValue, type EventFields } from "./handler/read-event-fields.ts";
