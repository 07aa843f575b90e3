"""The builders write what the decoder reads."""

from collections.abc import Callable

import orjson
import pytest

from stream_app.codec import decode
from stream_app.core.events import CustomerProfile, Event, Interaction, PageView, Purchase
from stream_app.testing import builders
from stream_app.topics import InputTopic

NOON_MS = 1_781_092_800_000
TABLE = [
    (InputTopic.PAGE_VIEWS, builders.page_view, PageView),
    (InputTopic.PURCHASES, builders.purchase, Purchase),
    (InputTopic.CUSTOMERS, builders.customer, CustomerProfile),
    (InputTopic.INTERACTIONS, builders.interaction, Interaction),
]


@pytest.mark.parametrize(("topic", "build", "kind"), TABLE)
def test_defaults_decode(topic: InputTopic, build: Callable[..., dict[str, object]], kind: type[Event]) -> None:
    """Without any argument each builder gives a sound event of its topic at noon."""
    event = decode(topic, builders.CUSTOMER.encode(), orjson.dumps(build()), NOON_MS)
    assert (type(event), event.customer_id, event.occurred_at) == (kind, builders.CUSTOMER, NOON_MS * 1000)


@pytest.mark.parametrize(("topic", "build", "kind"), TABLE)
def test_fields_are_overridden_by_name(
    topic: InputTopic, build: Callable[..., dict[str, object]], kind: type[Event]
) -> None:
    """What is given wins, what is unknown is added, and no two results share anything."""
    changed = build(customer_id="c-2", occurred_at=builders.at(1.5), surprise=[1])
    assert changed == build() | {
        "customer_id": "c-2",
        "occurred_at": "2026-06-10T12:00:01.500000+00:00",
        "surprise": [1],
    }
    assert "surprise" not in build()
