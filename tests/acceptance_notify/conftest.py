"""The broker that all tests share."""

from tests.kafka_fixtures import ground, kafka

__all__ = ["ground", "kafka"]
