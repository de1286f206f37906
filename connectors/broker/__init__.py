"""A real Apache Kafka for one machine: fetched, checked, started, watched and stopped."""
