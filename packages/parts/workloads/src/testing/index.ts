// For tests of other packages: a fleet on a stand-in for ECS, or on MiniStack, made over the SDK.
export { CLUSTER, definitionOf, ecsNames, imageOf, seedCluster, seedService, type Seed } from "./seed-ecs-fleet.ts";
