// Kafka: the administrative side, a producer, and the embedded broker.
export { type KafkaConnection, type SaslMechanism } from "./client/connection.ts";
export {
  openAdmin,
  type ClusterFacts,
  type DeleteMark,
  type KafkaAdmin,
  type NewTopic,
  type TopicFacts,
  type Watermarks,
} from "./client/open-admin.ts";
export {
  kafkaHeaders,
  openProducer,
  type KafkaHeaders,
  type KafkaProducer,
  type KafkaRecord,
} from "./client/open-producer.ts";
export {
  KafkaLoginRefused,
  KafkaRefused,
  KafkaTopicMissing,
  KafkaTopicNotEmpty,
  KafkaUnreachable,
} from "./errors/kafka-errors.ts";
export { clearTopic, recordsIn, type ClearedTopic, type ClearTopicOptions } from "./topics/clear-topic.ts";
export { ensureTopic, type EnsuredTopic } from "./topics/ensure-topic.ts";
export { kafkaOff, type KafkaOff } from "./embedded/find-java.ts";
export { resolveJars } from "./embedded/resolve-jars.ts";
