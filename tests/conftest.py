"""What all tests share: no settings of the machine's own, and unit tests before those that need a broker."""

import os

import pytest

from tests.kafka_fixtures import ground, kafka

__all__ = ["ground", "kafka"]

KAFKA_LAST = ("kafka", "faults", "soak")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what takes milliseconds first; the sort is stable, so the rest of the order stays."""
    items.sort(key=lambda item: max((i + 1 for i, m in enumerate(KAFKA_LAST) if item.get_closest_marker(m)), default=0))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("STREAM_APP_") and name != "STREAM_APP_CACHE":
            monkeypatch.delenv(name)
