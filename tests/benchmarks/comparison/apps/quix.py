"""Quix Streams on the job: one stream of all topics, merged by their timestamps, its own state store and changelog.

A decoded state is kept beside the store, which is faster than reading it back, and is written to the store after each
event; Quix keeps the last of a checkpoint. It knows no timers: moments that come due without an event are not judged.
"""

import json
import os

from quixstreams import Application, message_context
from quixstreams.models import Serializer

from comparison.apps.judging import ALERTS, BROKER, FATES, GROUP, PREFIX, TOPICS, spoken
from stream_app import codec
from stream_app.codec.state import NOTHING_APPLIED, decode_state, encode_state
from stream_app.core.pipeline import Verdict, process
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.topics import InputTopic

SETTINGS = json.loads(os.environ["BENCH_QUIX"])
MERGED = [
    topic for topic in TOPICS if topic is not InputTopic.TICKS
]  # nothing is on that one, and Quix has no use for it

rules = RuleSet()
known: dict[bytes, tuple[list[int], object]] = {}


class ValueOf(Serializer):
    """Writes what an alert or fate says as it stands."""

    def __call__(self, said, ctx):
        return said[2]


def judge(lane):
    topic = MERGED[lane]

    def judged(value, key, timestamp, _headers):
        return lane, codec.decode(topic, key, value, timestamp)

    return judged


def apply(arrived, state):
    lane, event = arrived
    key = event.customer_id
    found = known.get(key)
    if found is None:
        raw = state.get_bytes("state")
        found = (list(NOTHING_APPLIED), UNKNOWN_CUSTOMER) if raw is None else decode_state(raw)
    fence, before = found
    offset = message_context().offset
    if offset <= fence[lane]:
        return []
    outcome = process(event, before, rules)
    fence[lane] = offset
    if outcome.verdict is Verdict.USED:
        known[key] = fence, outcome.state
        state.set_bytes("state", encode_state(fence, outcome.state))
    return spoken(outcome) if outcome.speaks else []


def main() -> None:
    app = Application(
        BROKER,
        consumer_group=GROUP,
        state_dir=os.environ["BENCH_DATA"],
        auto_offset_reset="earliest",
        loglevel="WARNING",
        **SETTINGS,
    )
    raw = {"key_deserializer": "bytes", "value_deserializer": "bytes"}
    written = {"key_serializer": "bytes", "value_serializer": ValueOf()}
    outputs = {name: app.topic(name, **written) for name in (*ALERTS.values(), FATES)}
    streams = [
        app.dataframe(app.topic(f"{PREFIX}{topic}", **raw)).apply(judge(lane), metadata=True)
        for lane, topic in enumerate(MERGED)
    ]
    merged = streams[0]
    for stream in streams[1:]:
        merged = merged.concat(stream)
    merged = merged.apply(apply, stateful=True, expand=True)
    merged.to_topic(lambda said, *_: outputs[said[0]], key=lambda said: said[1])
    app.run()


if __name__ == "__main__":
    main()
