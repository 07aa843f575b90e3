"""The tables that the command can print, each from the runs that it needs."""

import pstats
from functools import partial

from comparison import checkpoints as _checkpoints
from comparison import growth as _growth
from comparison import latency as _latency
from comparison import restore as _restore
from comparison import speed as _speed
from comparison import workers as _workers
from comparison.engines import ENGINES
from comparison.job import Record, job
from comparison.stage import Stage
from comparison.table import show
from comparison.truth import truth

SHORT_SECONDS, LONG_SECONDS = 10, 60
RESTORING = ("detect", "detect-rocksdb", "textbook")
GROWING = ("detect", "detect-rocksdb")
SHARING = ("detect", "detect-rocksdb", "textbook", "quix-tuned")


def main_table(stage: Stage) -> list[object]:
    """Return the rows of the main table: all at once, and short runs at each rate."""
    stage.said("preparing the input and the truth …")
    records = job(stage.given.events)
    rows = {}
    for name in stage.engines():
        stage.said(f"{name}: {len(records):,} events at once …")
        right = truth(records, ENGINES[name].rules)
        rows[name] = row = _speed.speed(name, stage.place(name, ENGINES[name]), records, right)
        stage.said(f"  {row.cpu_us_per_event:.1f} µs of CPU an event, {row.wrong} alerts wrong")
    latencies = _latencies(stage, list(rows), records, SHORT_SECONDS)
    for late in reversed(latencies):
        rows[late.engine].p50_ms, rows[late.engine].p99_ms = late.p50_ms, late.p99_ms
    stage.head()
    show(list(rows.values()), _speed.COLUMNS)
    if latencies:
        show(latencies, _latency.COLUMNS)
    if stage.given.profile:
        _profile(stage, records)
    return list(rows.values())


def latency(stage: Stage) -> list[object]:
    """only latencies, over a minute for each rate"""
    rows = _latencies(stage, stage.engines(), job(_latency.MOST_EVENTS), LONG_SECONDS)
    stage.head("A tenth of the events raise an alert")
    show(rows, _latency.COLUMNS)
    return rows


def _latencies(stage: Stage, names: list[str], records: list[Record], seconds: int) -> list[_latency.Latency]:
    rows = []
    for rate in stage.given.rates:
        sent = _latency.traffic(records, rate, seconds)
        for name in names:
            stage.said(f"{name}: {rate:,} events/s …")
            ground = stage.place(f"{name}-at-{rate}", ENGINES[name])
            rows.append(_latency.latency(name, ground, sent, rate, truth(sent, ENGINES[name].rules)))
            stage.said(f"  p50 {rows[-1].p50_ms:.1f} ms, p99 {rows[-1].p99_ms:.1f} ms")
    return rows


def restore(stage: Stage) -> list[object]:
    """how fast a changelog is read at the start, compacted and after an hour without compaction"""
    rows = []
    for name in stage.engines(RESTORING):
        rows += _restore.restore(name, partial(stage.place, engine=ENGINES[name]), stage.said)
    stage.head(f"{_restore.CUSTOMERS:,} customers as after a simulated month")
    show(rows, _restore.COLUMNS)
    return rows


def growth(stage: Stage) -> list[object]:
    """20,000, 200,000 and (in RocksDB only) 2 million customers"""
    rows, records = [], _growth.traffic(stage.given.events)
    for customers in _growth.SIZES:
        for name in stage.engines(GROWING):
            if customers > _growth.IN_MEMORY and name != "detect-rocksdb":
                continue
            stage.said(f"{name}: {customers:,} customers …")
            ground = stage.place(f"{name}-of-{customers}", ENGINES[name])
            rows.append(_growth.growth(name, ground, records, customers))
            stage.said(f"  {rows[-1].cpu_us_per_event:.1f} µs of CPU an event, {rows[-1].rss_mb:,.0f} MB")
    stage.head(f"{stage.given.events:,} events without their profiles")
    show(rows, _growth.COLUMNS)
    return rows


def workers(stage: Stage) -> list[object]:
    """one worker and two of one group"""
    rows, records = [], job(stage.given.events)
    for name in stage.engines(SHARING) if stage.given.engines else ["detect"]:
        right = truth(records, ENGINES[name].rules)
        for count in (1, 2):
            stage.said(f"{name}: {count} of them …")
            ground = stage.place(f"{name}-times-{count}", ENGINES[name])
            rows.append(_workers.workers(name, ground, records, right, count))
    stage.head()
    show(rows, _workers.COLUMNS)
    print(_workers.note(2))
    return rows


def checkpoints(stage: Stage) -> list[object]:
    """the interval between checkpoints against changelog volume and repeats after a crash"""
    rows, records = [], job(_checkpoints.MOST_EVENTS)
    for interval in _checkpoints.INTERVALS:
        stage.said(f"checkpoint_interval = {interval!r} …")
        ground = stage.place(f"every-{interval}", _checkpoints.engine(interval))
        rows.append(_checkpoints.checkpoints(interval, ground, records))
        stage.said(f"  {rows[-1].read_again:,.0f} events read again after a crash")
    stage.head(f"{_checkpoints.RATE:,} events/s, killed {_checkpoints.CRASHES} times at random moments")
    show(rows, _checkpoints.COLUMNS)
    return rows


def _profile(stage: Stage, records: list[Record]) -> None:
    stats, engine = stage.folder / "profile", ENGINES["detect"]
    _speed.speed("detect", stage.place("profiled", engine), records, truth(records, engine.rules), profile=stats)
    pstats.Stats(str(stats)).sort_stats("tottime").print_stats(35)


TABLES = {each.__name__: each for each in (latency, restore, growth, workers, checkpoints)}
