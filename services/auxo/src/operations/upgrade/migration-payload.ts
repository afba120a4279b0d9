// What Bazooka is told. Source: the facts of the original, its payloads.
import type { UpgradeInput } from "../../types.ts";

export interface MigrationPayload {
  readonly migrate: true;
  readonly create_kafka_topics?: true;
}

export function migrationPayload(input: Pick<UpgradeInput, "addNewKafkaTopics">): MigrationPayload {
  return input.addNewKafkaTopics ? { migrate: true, create_kafka_topics: true } : { migrate: true };
}
