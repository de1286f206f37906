#!/bin/sh
# Print a line for each article that naba publishes; Ctrl-C ends it. Needs kcat and jq.
set -eu
trap '' INT # Ctrl-C ends kcat, and jq then reads to the end of what kcat wrote

# The group is a name of your own: programs of one name share the articles, and go on where they stopped.
# A new group begins with the first article; with the next to come: auto.offset.reset=latest.
# kcat commits what it has written down the pipe, every second here: if all of it is killed, what was
# still in the pipe does not come again. Where that matters, take one of the other clients.
kcat -q -u -J -b "${BOOTSTRAP:-127.0.0.1:9092}" \
  -X auto.offset.reset=earliest -X auto.commit.interval.ms=1000 \
  -G "${GROUP:-quickstart-shell}" "${TOPIC:-news.articles.v1}" |
  jq --unbuffered --raw-output '
    if .payload == null then
      ["deleted", .key] # a deletion: forget what you have of it
    else
      .payload | fromjson # fields may be added: take what you know, leave the others
      | [.published_at // .fetched_at, .language // "und", .title // "-"]
        + if .schema == "duplicate.v1" then ["copy of " + .duplicate_of] else [] end
    end
    | join("\t")'
