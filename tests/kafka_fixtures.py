"""One broker for all tests of a process that need one; each test has topics, a group and a folder of its own."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from stream_app.testing import EmbeddedKafka
from tests.faults.ground import Ground

BROKER = {"group.min.session.timeout.ms": "1000"}  # so that a killed worker is not missed for long

_running: list[EmbeddedKafka] = []  # fixtures of several folders share it


@pytest.fixture(scope="session")
def kafka() -> Iterator[EmbeddedKafka]:
    """Yield the broker that all tests share."""
    if _running:
        yield _running[0]
        return
    with EmbeddedKafka(settings=BROKER, progress=None) as broker:
        _running.append(broker)
        yield broker
        _running.clear()


@pytest.fixture
def ground(kafka: EmbeddedKafka, tmp_path: Path) -> Ground:
    """Return topics that nobody else uses."""
    return Ground(kafka.bootstrap_servers, tmp_path, f"t{uuid4().hex[:8]}")
