"""Makes the zstd dictionary that states are written with, from customers of the simulator.

python tests/codec/train_dictionary.py NEW_FILE

Values that were written with a dictionary cannot be read without it, so that none is ever made anew in place: a better
one is a file and a format more. Trained on what a simulator knows, it holds what states have in common, their skeleton
and the years' first bytes; what it does for others' histories stands in tests/benchmarks/README.md.
"""

import sys
from pathlib import Path

import msgspec
import orjson
import zstandard

from stream_app import codec
from stream_app.core.pipeline import process
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.timeline import States, Timeline
from stream_app.core.tuning import Feed, Tuning
from stream_app.testing.simulator import simulate

SIZE = 8_192  # twice as much saves a twenty-fifth, and the processor's nearest memory holds it no longer
HISTORIES = ((1, 5), (2, 20), (3, 45))  # seed, days
NOW_MS = 1_800_000_000_000


def customers(seed, days, name):
    """Return the states in which so many days leave the simulator's customers."""
    rules = RuleSet(name=name, tuning=Tuning(feeds=frozenset(Feed)))
    said = (one for one in simulate(seed=seed, days=days) if one.customer_id)
    events = sorted(
        (codec.decode_value(one.topic, orjson.dumps(one.value), NOW_MS) for one in said),
        key=lambda event: event.occurred_at,
    )
    found = States()
    timeline = Timeline(found, rules)
    for event in events:
        if timeline.reach(event.occurred_at):
            while timeline.judge_next() is not None:
                pass
        before = found.state_of(event.customer_id)
        outcome = process(event, before, rules)
        found.keep(event.customer_id, outcome.state)
        timeline.happened(event, before, outcome.state)
    return found.states.values()


def main():
    """Train on the histories and write the dictionary."""
    (target,) = sys.argv[1:]
    samples = [
        msgspec.msgpack.encode(state)
        for seed, days in HISTORIES
        for name in RuleSetName
        for state in customers(seed, days, name)
    ]
    dictionary = zstandard.train_dictionary(SIZE, samples, dict_id=1)
    Path(target).write_bytes(dictionary.as_bytes())
    print(f"{len(dictionary.as_bytes()):,} bytes from {len(samples):,} states")


if __name__ == "__main__":
    main()
