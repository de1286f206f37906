// Print a line for each article that naba publishes; Ctrl-C ends it.
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

public class Consume {
    static final ObjectMapper JSON = new ObjectMapper();
    static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws Exception {
        var environment = System.getenv();
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", environment.getOrDefault("BOOTSTRAP", "127.0.0.1:9092"),
            // A name of your own: programs of one name share the articles, and go on where they stopped.
            "group.id", environment.getOrDefault("GROUP", "quickstart-java"),
            "auto.offset.reset", "earliest", // where a new group begins; at the end: "latest"
            "enable.auto.commit", "false");
        var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        var main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.wakeup();
            try { main.join(10_000); } catch (InterruptedException ended) { }
        }));
        try (consumer) {
            consumer.subscribe(List.of(environment.getOrDefault("TOPIC", "news.articles.v1")));
            while (true) {
                var messages = consumer.poll(Duration.ofMillis(500));
                for (var message : messages) show(message.key(), message.value());
                if (!messages.isEmpty()) consumer.commitSync(); // only now: what was under way comes again
            }
        } catch (WakeupException stopped) { } // by Ctrl-C
    }

    static void show(String key, String value) throws Exception {
        if (value == null) { // a deletion: forget what you have of it
            OUT.println("deleted\t" + key);
            return;
        }
        var article = JSON.readTree(value); // fields may be added: take what you know, leave the others
        var time = article.path("published_at").asText(article.path("fetched_at").asText());
        var line = time + "\t" + article.path("language").asText("und");
        line += "\t" + article.path("title").asText("-");
        if (article.path("schema").asText().equals("duplicate.v1")) // on news.duplicates.v1
            line += "\tcopy of " + article.path("duplicate_of").asText();
        OUT.println(line);
    }
}
