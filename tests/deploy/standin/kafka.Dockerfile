# Stands in for apache/kafka where that image cannot be had: the same Kafka from its published jars, its own
# class for the settings (KAFKA_...), the same user's number and the same folders.
ARG BASE=python:3.11-slim
FROM ${BASE}
RUN groupadd --gid 1000 appuser \
 && useradd --uid 1000 --gid 1000 --create-home appuser \
 && mkdir -p /opt/kafka/config /etc/kafka/docker /mnt/shared/config /var/lib/kafka/data \
 && touch /etc/kafka/docker/server.properties \
 && chown -R appuser:appuser /opt/kafka /mnt/shared/config /var/lib/kafka /etc/kafka
COPY java /opt/java
COPY jars /opt/kafka/libs
COPY log4j2.yaml /etc/kafka/docker/log4j2.yaml
COPY log4j2.yaml /etc/kafka/docker/tools-log4j2.yaml
COPY run /etc/kafka/docker/run
USER appuser
VOLUME ["/var/lib/kafka/data"]
CMD ["/etc/kafka/docker/run"]
