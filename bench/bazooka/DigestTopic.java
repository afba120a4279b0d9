// What a topic holds, in one line: the number of records, and a digest of them that does not depend on their order. With Kafka's own consumer.
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class DigestTopic {
  public static void main(String[] args) throws Exception {
    String topic = args[1];
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    long count = 0;
    long digest = 0;
    Map<String, Object> settings = Map.of("bootstrap.servers", args[0], "enable.auto.commit", false);
    try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = consumer.partitionsFor(topic).stream().map(one -> new TopicPartition(topic, one.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long left = 0;
      var first = consumer.beginningOffsets(partitions);
      for (var end : consumer.endOffsets(partitions).entrySet()) left += end.getValue() - first.get(end.getKey());
      while (count < left) {
        for (var record : consumer.poll(Duration.ofSeconds(60))) {
          sha.update((byte) record.partition());
          sha.update(record.key());
          sha.update(record.value());
          // Not the time at which it was sent.
          var type = record.headers().lastHeader("event_type");
          sha.update(type == null ? "none".getBytes(StandardCharsets.UTF_8) : type.value());
          byte[] bytes = sha.digest();
          for (int at = 0; at < 8; at++) digest += (bytes[at] & 0xffL) << (8 * at);
          count++;
        }
      }
    }
    System.out.println(count + " " + Long.toHexString(digest));
  }
}
