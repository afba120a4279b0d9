// The processes of a local installation, in the order in which they start; they stop in the reverse order.

export const SERVICE_NAMES = [
  "postgres",
  "chain",
  "kafka",
  "redis",
  "traffic",
  "market-indexer",
  "market-api",
  "operator",
] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];
