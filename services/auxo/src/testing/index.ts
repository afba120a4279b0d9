export { EVENT, openAwsFleet, type AwsFleet } from "./open-aws-fleet.ts";
export { untilSteady } from "./until-steady.ts";
