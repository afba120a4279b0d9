// What the configured topics need, from what the cluster has.
import { openAdmin, recordsIn, type KafkaConnection } from "@tidegate/kafka";
import type { BazookaConfig } from "../config.ts";
import type { KafkaFacts } from "../types.ts";

/** Reads only. Throws KafkaUnreachable, KafkaLoginRefused. */
export async function observeTopics(connection: KafkaConnection, config: BazookaConfig): Promise<KafkaFacts> {
  const admin = openAdmin(connection);
  try {
    const { id, brokers } = await admin.describeCluster();
    const names = config.topics.map((topic) => topic.name);
    const present = await admin.describeTopics(names);
    const watermarks = await admin.readWatermarks(names.filter((name) => present.has(name)));
    return {
      clusterId: id,
      address: connection.brokers.join(","),
      brokers: brokers.length,
      replicas: Math.min(config.replicas, brokers.length),
      wantedReplicas: config.replicas,
      topics: config.topics.map(({ name, partitions }) => ({
        name,
        partitions,
        present: present.get(name)?.partitions ?? null,
        records: recordsIn(watermarks.get(name) ?? []),
      })),
    };
  } finally {
    await admin.close();
  }
}
