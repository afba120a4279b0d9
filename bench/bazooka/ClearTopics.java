// Clears topics with Kafka's own Java admin client and verifies that they are empty, once for each line on stdin; answers with milliseconds.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

public class ClearTopics {
  public static void main(String[] args) throws Exception {
    List<String> topics = List.of(args[1].split(","));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
      System.out.println("ready");
      while (in.readLine() != null) {
        long begun = System.nanoTime();
        clear(admin, topics);
        System.out.println((System.nanoTime() - begun) / 1e6);
      }
    }
  }

  static void clear(Admin admin, List<String> topics) throws Exception {
    Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
    Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (var topic : admin.describeTopics(topics).allTopicNames().get().values()) {
      for (var one : topic.partitions()) {
        TopicPartition partition = new TopicPartition(topic.name(), one.partition());
        all.put(partition, RecordsToDelete.beforeOffset(-1));
        earliest.put(partition, OffsetSpec.earliest());
        latest.put(partition, OffsetSpec.latest());
      }
    }
    admin.deleteRecords(all).all().get();
    var high = admin.listOffsets(latest).all().get();
    var low = admin.listOffsets(earliest).all().get();
    for (var partition : all.keySet()) {
      if (low.get(partition).offset() != high.get(partition).offset()) throw new IllegalStateException(partition + " is not empty");
    }
  }
}
