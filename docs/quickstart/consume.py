"""Print a line for each article that naba publishes; Ctrl-C ends it."""

import json
import os
import signal

from kafka import KafkaConsumer

consumer = KafkaConsumer(
    os.environ.get("TOPIC", "news.articles.v1"),
    bootstrap_servers=os.environ.get("BOOTSTRAP", "127.0.0.1:9092"),
    # A name of your own: programs of one name share the articles, and go on where they stopped.
    group_id=os.environ.get("GROUP", "quickstart-python"),
    auto_offset_reset="earliest",  # where a new group begins; at the end: "latest"
    enable_auto_commit=False,
)
running = True


def stop(_number, _frame):
    global running
    running = False


def show(key, value):
    if value is None:  # a deletion: forget what you have of it
        print("deleted", key.decode(), sep="\t", flush=True)
        return
    article = json.loads(value)  # fields may be added: take what you know, leave the others
    time = article.get("published_at") or article["fetched_at"]
    columns = [time, article.get("language", "und"), article.get("title") or "-"]
    if article.get("schema") == "duplicate.v1":  # on news.duplicates.v1
        columns.append("copy of " + article["duplicate_of"])
    print(*columns, sep="\t", flush=True)


signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)
while running:
    batch = consumer.poll(timeout_ms=500)
    for messages in batch.values():
        for message in messages:
            show(message.key, message.value)
    if batch:
        consumer.commit()  # all of the batch, so only now: what was under way when it crashed comes again
consumer.close()
