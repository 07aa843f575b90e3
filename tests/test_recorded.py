"""The input topics as history: all that stands in them now, each record as detect would take it."""

import asyncio

import orjson
import pytest

from stream_app.cluster import ClusterError
from stream_app.core.events import CustomerProfile, PageView
from stream_app.formats import BadLine, IgnoredLine
from stream_app.recorded import partitions_recorded, recorded
from stream_app.settings import load
from stream_app.testing.builders import customer, page_view

pytestmark = pytest.mark.kafka


def records(number):
    """Return so many views of the same customer, and one record of each other sort."""
    views = [(b"c-00001", orjson.dumps(page_view(event_id=f"v-{n}"))) for n in range(number)]
    odd = [(b"c-00001", b"{"), (b"c-9", orjson.dumps(page_view())), (None, orjson.dumps(page_view(customer_id="")))]
    segment = (b"c-00001", orjson.dumps({"type": "group", "messageId": "m", "timestamp": "2026-06-10T12:00:00Z"}))
    said = {"ce_specversion": "1.0", "ce_id": "1", "ce_source": "/s", "ce_type": "t", "ce_time": "2026-06-10T12:00:00Z"}
    cloud = (b"c-00001", b'{"customer_id": "c-00001", "url": "/"}', *((k, v.encode()) for k, v in said.items()))
    known = [(b"c-00001", orjson.dumps(customer())), (b"c-00001", None)]
    return [("page-views", *one) for one in (*views, *odd, segment, cloud)] + [("customers", *one) for one in known]


def test_all_is_read_as_detect_reads_it_up_to_the_end_as_it_was(ground):
    """What is written while it is read is not history; what cannot be read stays with its offset and reason."""

    async def prepare():
        await ground.create()
        await ground.write(records(3_000))

    asyncio.run(prepare())
    told = []
    reading = recorded(ground.settings, lambda *progress: told.append(progress))
    found = [next(reading)]
    asyncio.run(ground.write([("page-views", b"c-00001", orjson.dumps(page_view(event_id="late")))]))
    found += reading

    of_views = [one for one in found if one.topic == "page-views"]
    lanes = {(one.topic, one.partition) for one in found}
    kinds = [type(one.item) for one in found]
    assert 4 == partitions_recorded(ground.settings)
    assert (3_002, 2, 1, 2) == tuple(kinds.count(kind) for kind in (PageView, BadLine, IgnoredLine, CustomerProfile))
    assert "late" not in {one.item.event_id for one in of_views if isinstance(one.item, PageView)}
    for lane in lanes:
        offsets = [one.offset for one in found if (one.topic, one.partition) == lane]
        assert list(range(len(offsets))) == offsets
    assert {"not_json", "key_mismatch"} == {one.item.reason for one in found if isinstance(one.item, BadLine)}
    assert all(one.timestamp_ms > 1_700_000_000_000 for one in found), "the broker's time"
    assert ("Reading topics", len(found), len(found)) == told[-1]


def test_a_cluster_without_the_topics_says_so(ground):
    with pytest.raises(ClusterError, match="none of the input topics exists"):
        list(recorded(ground.settings))


def test_nobody_there_says_so():
    with pytest.raises(ClusterError, match=r"127\.0\.0\.1:1"):
        list(recorded(load(environ={"STREAM_APP_BOOTSTRAP_SERVERS": "127.0.0.1:1"})))
