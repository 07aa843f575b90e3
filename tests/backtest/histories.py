"""Histories to try rules on: a simulated fortnight in files, and short ways to judge it."""

from datetime import date

import orjson

from stream_app.backtest.found import Assumed
from stream_app.backtest.history import History, of_files
from stream_app.backtest.run import Setup, backtest
from stream_app.core.erasure import Erasures
from stream_app.core.tuning import Feed
from stream_app.inputs import Files
from stream_app.replay import LANES
from stream_app.report import Tally
from stream_app.settings import Settings
from stream_app.spool import Spool
from stream_app.testing.simulator import simulate
from stream_app.topics import RECORDED

NOW_MS = 1_800_000_000_000
START = date(2026, 1, 5)
FEEDS = tuple(Feed)


def written(folder, *, customers=40, days=14, **changed):
    """Write simulated days and return their files; `changed` values go into every profile."""
    values = {topic: [] for topic in RECORDED}
    for one in simulate(seed=5, customers=customers, days=days, start=START):
        values[one.topic].append(one.value | changed if one.topic == "customers" else one.value)
    files = {}
    for topic in RECORDED:
        path = folder / f"{topic}.jsonl"
        path.write_bytes(b"".join(orjson.dumps(value) + b"\n" for value in values[topic]))
        files[topic.replace("-", "_")] = (path,)
    return Files(**files)


def setup(name="full", *, by_id=None, **settings):
    """Return settings to try, with all feeds."""
    made = Settings(feeds=FEEDS, rules={"set": name, "by_id": by_id or {}}, **settings)
    return Setup(name=name, rules=made.rule_set(), notify=made.notify_rules())


def tried(files, mine=None, other=None, *, partitions=3, outcomes=None, erasures=None, **assumed):
    """Judge files."""
    tally = Tally()
    with Spool(partitions * len(LANES)) as spool:
        history = History(spool, partitions)
        history.put_aside(of_files(files, partitions, NOW_MS, erasures or Erasures()), tally, lambda *_: None)
        return backtest(history, tally, mine or setup(), other, outcomes=outcomes, assumed=Assumed(**assumed))
