"""What can go wrong with a broker that nobody asked for."""


class BrokerError(OSError):
    """Kafka cannot be had, or does not run; the message says what it said last."""
