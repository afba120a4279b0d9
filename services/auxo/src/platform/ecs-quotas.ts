// How often ECS may be asked: its documented quotas, each shared by all callers of an account in a region.
// Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html, "API throttling quotas".

export interface Quota {
  /** As the source calls it. */
  readonly category: string;
  readonly actions: readonly string[];
  /** Calls at once: the bucket's capacity. */
  readonly burst: number;
  /** Calls per second in the long run: the bucket's refill rate. */
  readonly perSecond: number;
}

/** Of the actions that an upgrade needs. */
export const ECS_QUOTAS: readonly Quota[] = [
  { category: "Service read actions", actions: ["DescribeServices", "ListServices"], burst: 100, perSecond: 20 },
  { category: "Service modify actions", actions: ["UpdateService"], burst: 50, perSecond: 5 },
  { category: "Cluster resource read actions", actions: ["DescribeTasks", "ListTasks"], burst: 100, perSecond: 20 },
  {
    category: "Task definition read actions",
    actions: ["DescribeTaskDefinition", "ListTaskDefinitions"],
    burst: 50,
    perSecond: 20,
  },
  { category: "Task definition modify actions", actions: ["RegisterTaskDefinition"], burst: 20, perSecond: 1 },
  { category: "Tag modify actions", actions: ["TagResource"], burst: 20, perSecond: 10 },
];
