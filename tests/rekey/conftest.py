"""The broker and the topics of a test."""

from tests.kafka_fixtures import ground, kafka

__all__ = ["ground", "kafka"]
