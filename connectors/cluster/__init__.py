"""The clients of a Kafka cluster: how they connect, what topics there are, how letters go and come."""
