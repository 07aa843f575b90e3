"""The engines: what each does, and as which process it runs."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from comparison.peers import peers_python
from stream_app.core.tuning import Feed

SIMPLE = {"STREAM_APP_RULES__SET": "simple"}
FULL = {"STREAM_APP_RULES__SET": "full", "STREAM_APP_FEEDS": json.dumps(list(Feed))}


def this_python() -> str:
    """Return the interpreter that runs us."""
    return sys.executable


@dataclass(frozen=True, kw_only=True)
class Engine:
    """An engine as a process: `python` and its `arguments`; `own` are settings and variables beside those of all."""

    does: str
    arguments: tuple[str, ...] = ("-m", "stream_app", "detect")
    python: Callable[[], str] = this_python
    group: str = "detect"
    rules: Mapping[str, str] = field(default_factory=lambda: SIMPLE)
    own: Mapping[str, str] = field(default_factory=dict)


def app(name: str, does: str, **more: object) -> Engine:
    """Return an engine whose program is one of ours."""
    return Engine(does=does, arguments=("-m", f"comparison.apps.{name}"), group=name, **more)


# Its consumer waits a second for a full batch, and half a second for the topics in which nothing happens; its producer
# five milliseconds for company.
TUNED_QUIX = {
    "commit_interval": 1.0,
    "consumer_poll_timeout": 0.005,
    "consumer_extra_config": {"fetch.wait.max.ms": 5},
    "producer_extra_config": {"linger.ms": 0},
}

ENGINES = {
    "detect": Engine(does="this project's worker, simple rules, state in memory, a checkpoint every second"),
    "detect-rocksdb": Engine(does="the same with its state in RocksDB", own={"STREAM_APP_STORE": "rocksdb"}),
    "detect-full": Engine(does="the same as detect with all rules and every feed", rules=FULL),
    "detect-each": Engine(
        does="the same as detect with a checkpoint after each round", own={"STREAM_APP_CHECKPOINT_INTERVAL": "0s"}
    ),
    "textbook": Engine(
        does="Faust as its guide shows it: an agent per topic, JSON, a table write per event, all defaults",
        arguments=("-m", "faust", "-A", "comparison.apps.textbook", "worker", "-l", "info", "--without-web"),
        group="textbook",
    ),
    "quix": app(
        "quix",
        "Quix Streams 3.28, its settings all defaults (a commit every 5 s)",
        python=peers_python,
        own={"BENCH_QUIX": "{}"},
    ),
    "quix-tuned": app(
        "quix",
        "Quix Streams tuned for latency, a commit every second",
        python=peers_python,
        own={"BENCH_QUIX": json.dumps(TUNED_QUIX)},
    ),
    "raw-confluent": app("raw_confluent", "a loop on confluent-kafka, state in plain dicts", python=peers_python),
    "raw-aiokafka": app("raw_aiokafka", "a loop on aiokafka, state in plain dicts"),
}
