"""What a record's headers say reaches the codec in both workers: events in CloudEvents' binary mode are events."""

import json
from dataclasses import replace

from stream_app.core.erasure import Erasures
from stream_app.core.notify.orders import Contacted
from stream_app.notify.intake import from_interaction
from tests.acceptance.wire import CANCEL, H, view
from tests.workers.fakes import EPOCH, INTERACTIONS, Bench, chunk, record


def enveloped(one, time):
    """Return a record whose id and time stand in headers instead."""
    document = json.loads(one.value)
    data = {name: value for name, value in document.items() if name not in ("event_id", "occurred_at")}
    said = {"ce_specversion": "1.0", "ce_id": "1", "ce_source": "/s", "ce_type": "t", "ce_time": time}
    return replace(one, value=json.dumps(data).encode(), headers=tuple((k, v.encode()) for k, v in said.items()))


async def test_detect_reads_them():
    bench, plain = Bench(), chunk(0, view("v", 0 * H, CANCEL))
    time = json.loads(plain.records[0].value)["occurred_at"]
    plain.records[:] = [enveloped(plain.records[0], time)]
    bench.detector.receive(plain)
    bench.detector.ended(EPOCH, plain.arrival, bench.ends.ends)
    await bench.round()
    assert ["cs-alerts-churn", "changelog"] == bench.topics()


def test_notify_reads_them():
    said = record(INTERACTIONS, 0, b"c-1", b'{"customer_id": "c-1", "kind": "contacted"}')
    expected = Contacted(customer_id="c-1", at=1_000_000)
    assert expected == from_interaction(enveloped(said, "1970-01-01T00:00:01Z"), Erasures())
