"""Real parts for tests and for trying the product without any set-up."""

from stream_app.testing.embedded_kafka import EmbeddedKafka

__all__ = ["EmbeddedKafka"]
