export { EVENT, openAwsFleet, type AwsFleet } from "./open-aws-fleet.ts";
