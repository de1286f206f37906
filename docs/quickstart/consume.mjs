// Print a line for each article that naba publishes; Ctrl-C ends it.
import { promisify } from "node:util";
import { decompress } from "fzstd";
import kafkajs from "kafkajs";

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;
// naba's messages are compressed with zstd, which kafkajs reads with the codec that it is given.
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  decompress: async (bytes) => Buffer.from(decompress(bytes)),
});

const { BOOTSTRAP = "127.0.0.1:9092", TOPIC = "news.articles.v1", GROUP = "quickstart-node" } = process.env;
const kafka = new Kafka({ brokers: BOOTSTRAP.split(","), logLevel: logLevel.ERROR });
// The group is a name of your own: programs of one name share the articles, and go on where they stopped.
const consumer = kafka.consumer({ groupId: GROUP });

// Comes back when the line is out; console.log does not wait for a pipe that is full.
const write = promisify(process.stdout.write.bind(process.stdout));

async function show(key, value) {
  if (value === null) {
    await write(`deleted\t${key}\n`); // a deletion: forget what you have of it
    return;
  }
  const article = JSON.parse(value); // fields may be added: take what you know, leave the others
  const time = article.published_at ?? article.fetched_at;
  const columns = [time, article.language ?? "und", article.title ?? "-"];
  if (article.schema === "duplicate.v1") columns.push(`copy of ${article.duplicate_of}`);
  await write(`${columns.join("\t")}\n`);
}

consumer.on(consumer.events.CRASH, ({ payload }) => {
  if (!payload.restart) process.exitCode = 1; // kafkajs has told why, and gives up
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => consumer.disconnect());
await consumer.connect();
// Where a new group begins; at the end: false.
await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
// A message is committed after eachMessage has come back: what was under way when it crashed comes again.
await consumer.run({ eachMessage: ({ message }) => show(message.key, message.value) });
