// For tests: AWS as a server of this machine.
export { AwsRefusal } from "./aws-refusal.ts";
export type { RecordedCall } from "./answer-call.ts";
export type { Fault } from "./faults.ts";
export {
  createStandIn,
  STAND_IN_REGION,
  testClientOptions,
  type StandIn,
  type StandInOperation,
  type StandInService,
} from "./stand-in.ts";
export type { Timeline } from "./timeline.ts";
export { createStandInEcs, type StandInEcs, type StandInEcsOptions } from "./ecs/stand-in-ecs.ts";
export type { EcsTiming, ImageBehaviour } from "./ecs/state.ts";
export { bringMinistack } from "./ministack/bring-ministack.ts";
export { ministackOff, startMinistack, type RunningMinistack } from "./ministack/start-ministack.ts";
export { createStandInEcr, type StandInEcr, type StandInEcrOptions } from "./ecr/stand-in-ecr.ts";
export {
  createStandInLambda,
  type StandInFunction,
  type StandInLambda,
  type StandInLambdaOptions,
} from "./lambda/stand-in-lambda.ts";
export type { LambdaOutcome } from "./lambda/state.ts";
export { awsJson } from "./wire/aws-json.ts";
export { memberOf, membersOf, modelOf } from "./wire/model.ts";
export { restJson } from "./wire/rest-json.ts";
export { sampleOf } from "./wire/sample-of.ts";
