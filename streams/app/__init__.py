"""The runner on Kafka: one Faust process with its agents and tables, and the supervisor above it."""
