"""What all tests share: no settings of the machine's own, and unit tests before those that need a broker."""

import os

import pytest

from tests.kafka_fixtures import ground, kafka

__all__ = ["ground", "kafka"]

TIERS = ("faults", "soak")
"""What takes long runs when it is asked for by its mark."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tiers that were not asked for; run what takes milliseconds first."""
    left_out = [tier for tier in TIERS if tier not in config.option.markexpr]
    chosen, others = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        (others if any(item.get_closest_marker(tier) for tier in left_out) else chosen).append(item)
    config.hook.pytest_deselected(items=others)
    items[:] = sorted(chosen, key=lambda item: item.get_closest_marker("kafka") is not None)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("STREAM_APP_") and name != "STREAM_APP_CACHE":
            monkeypatch.delenv(name)
