// How often ECS may be asked: a bucket of tokens for each kind of action, per account and region.
// Source: Amazon ECS developer guide, "Request throttling for the Amazon ECS API", table of bucket sizes and refill rates.

export interface Bucket {
  readonly name: string;
  readonly actions: readonly string[];
  /** Calls in one second, when none were made before. */
  readonly burst: number;
  /** Calls a second for ever. */
  readonly sustained: number;
}

/** Those whose actions Auxo calls. */
export const ECS_BUCKETS: readonly Bucket[] = [
  { name: "service reads", actions: ["DescribeServices", "ListServices"], burst: 100, sustained: 20 },
  { name: "service changes", actions: ["CreateService", "DeleteService", "UpdateService"], burst: 50, sustained: 5 },
  {
    name: "task definition reads",
    actions: ["DescribeTaskDefinition", "ListTaskDefinitions", "ListTaskDefinitionFamilies"],
    burst: 50,
    sustained: 20,
  },
  {
    name: "task definition changes",
    actions: ["RegisterTaskDefinition", "DeregisterTaskDefinition"],
    burst: 20,
    sustained: 1,
  },
  { name: "task reads", actions: ["DescribeTasks", "ListTasks"], burst: 100, sustained: 20 },
  { name: "tag changes", actions: ["TagResource", "UntagResource"], burst: 20, sustained: 10 },
];

export interface BucketUse {
  readonly calls: number;
  /** Most tokens that were gone at once, of the burst; above 1 AWS would have refused calls. */
  readonly fullest: number;
  /** Calls that no token was left for. */
  readonly refused: number;
}

/** What a bucket that was full before would have said to calls at these times, in milliseconds. It is filled up once a second, not in between. */
export function useOf(
  { burst, sustained }: Pick<Bucket, "burst" | "sustained">,
  timesMs: readonly number[],
): BucketUse {
  const times = timesMs.toSorted((a, b) => a - b);
  let filledMs = times[0] ?? 0;
  let gone = 0;
  let fullest = 0;
  let refused = 0;
  for (const at of times) {
    const seconds = Math.floor((at - filledMs) / 1_000);
    gone = Math.max(0, gone - seconds * sustained);
    filledMs += seconds * 1_000;
    gone++;
    if (gone > burst) refused++;
    fullest = Math.max(fullest, gone / burst);
  }
  return { calls: times.length, fullest, refused };
}
