"""Prints what judging an event costs, by the simple rules and by the full ones. See README.md beside this file.

python tests/benchmarks/process.py
python tests/benchmarks/process.py --rounds 9 --days 60
"""

import argparse
import cProfile
import platform
import pstats
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

import orjson

from stream_app import codec
from stream_app.codec.state import NOTHING_APPLIED, encode_state
from stream_app.core.pipeline import Verdict, process
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.timeline import States, Timeline
from stream_app.core.tuning import Feed, Tuning
from stream_app.formats import Identity, read_access_log
from stream_app.testing.simulator import simulate
from tests.retail import DATA, RETAIL, orders

ACCESS_LOG = DATA / "access_log.gz"
NOW_MS = 1_800_000_000_000
MODULES_SHOWN = 12
PACKAGE = Path(codec.__file__).parents[1]


def month(days):
    """Return the simulator's events in the order in which a partition has them."""
    decoded = (codec.decode_value(s.topic, orjson.dumps(s.value), NOW_MS) for s in simulate(days=days) if s.customer_id)
    return sorted(decoded, key=lambda event: event.occurred_at)


def inputs(days):
    """Yield what there is to judge: a name and decoded events."""
    yield f"simulator, {days} days", month(days)
    if ACCESS_LOG.exists():
        lines = read_access_log(ACCESS_LOG, Identity.HOST, "https://www.stream-app.example", NOW_MS)
        yield "access log", [line for line in lines if hasattr(line, "event_id")]
    if RETAIL.exists():
        yield "retail orders", orders()


def rule_sets():
    """Return the sets by name, none of their rules asleep."""
    return {name: RuleSet(name=name, tuning=Tuning(feeds=frozenset(Feed))) for name in RuleSetName}


def judge(events, rules):
    """Judge everything as one partition, time included; return the customers and how many moments came due."""
    customers, moments = States(), 0
    timeline = Timeline(customers, rules)
    for event in events:
        if timeline.reach(event.occurred_at):
            while timeline.judge_next() is not None:
                moments += 1
        before = customers.state_of(event.customer_id)
        outcome = process(event, before, rules)
        if outcome.verdict is Verdict.USED:
            customers.keep(event.customer_id, outcome.state)
            timeline.happened(event, before, outcome.state)
    return customers, moments


def measure(events, rounds):
    """Return for each rule set the CPU seconds of each round; rounds take turns, so that noise meets all alike."""
    sets, spent = rule_sets(), defaultdict(list)
    for rules in sets.values():
        judge(events, rules)
    for _ in range(rounds):
        for name, rules in sets.items():
            began = time.process_time()
            judge(events, rules)
            spent[name].append(time.process_time() - began)
    return spent


def where(events, rules):
    """Return the share of time that each module's own code takes, the largest first; C code counts for its caller."""
    profile = cProfile.Profile()
    profile.runcall(judge, events, rules)
    spent = defaultdict(float)
    for function, (_, _, own, _, callers) in pstats.Stats(profile).stats.items():
        if function[0] == "~":
            for caller, counts in callers.items():
                spent[module_of(caller)] += counts[2]
        else:
            spent[module_of(function)] += own
    total = sum(spent.values())
    return sorted(((own / total, module) for module, own in spent.items()), reverse=True)


def module_of(function):
    """Return the module in which a function of a profile stands."""
    path = Path(function[0])
    return str(path.relative_to(PACKAGE)) if path.is_relative_to(PACKAGE) else path.name


def sizes(customers):
    """Return the encoded states' sizes in bytes: half of them, 99 of 100 and all are no larger."""
    found = sorted(len(encode_state(NOTHING_APPLIED, state)) for state in customers.states.values())
    return found[len(found) // 2], found[len(found) * 99 // 100], found[-1]


def show(name, events, rounds):
    """Measure one input and print what came of it."""
    print(f"\n{name}: {len(events):,} events")
    spent, sets = measure(events, rounds), rule_sets()
    for one, seconds in spent.items():
        customers, moments = judge(events, sets[one])
        p50, p99, largest = sizes(customers)
        each = median(seconds) / len(events) * 1e6
        print(
            f"  {one:<7}{each:6.2f} µs an event; {moments:,} moments came due; "
            f"{len(customers.states):,} states of {p50:,} bytes at p50, {p99:,} at p99, {largest:,} at most"
        )
    ratio = median(spent[RuleSetName.FULL]) / median(spent[RuleSetName.SIMPLE])
    print(f"  full is {ratio:.2f} times simple")
    for one, rules in sets.items():
        shares = where(events, rules)[:MODULES_SHOWN]
        print(f"  where {one} spends it: " + ", ".join(f"{module} {share:.0%}" for share, module in shares))


def main():
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how many rounds count (default: %(default)s)")
    parser.add_argument("--days", type=int, default=30, help="how many days are simulated (default: %(default)s)")
    arguments = parser.parse_args()
    print(f"Python {platform.python_version()} on {sys.platform}; median CPU of {arguments.rounds} rounds, all feeds")
    for name, events in inputs(arguments.days):
        show(name, events, arguments.rounds)


if __name__ == "__main__":
    main()
