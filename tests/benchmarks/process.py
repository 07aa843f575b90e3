"""Prints what judging an event costs, by the simple rules and by the full ones, the customer's state in memory or
decoded and encoded each time. See README.md beside this file.

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
from itertools import islice
from pathlib import Path
from statistics import median

import orjson

from stream_app import codec
from stream_app.codec.state import NOTHING_APPLIED, decode_state, encode_state
from stream_app.core.pipeline import Verdict, process
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.core.timeline import States, Timeline
from stream_app.core.tuning import Feed, Tuning
from stream_app.formats import Identity, read_access_log
from stream_app.testing.simulator import simulate
from stream_app.workers.detect import collect_seldom
from tests.retail import DATA, RETAIL, orders

ACCESS_LOG = DATA / "access_log.gz"
NOW_MS = 1_800_000_000_000
MODULES_SHOWN = 12
MANY, EVENTS_OF_MANY = 20_000, 40_000  # most of them come for the first or the second time
PACKAGE = Path(codec.__file__).parents[1]


class EncodedStates(States):
    """Customers as the worker's store has them: each look decodes, each change encodes."""

    def state_of(self, customer_id):
        """Return what is remembered of a customer."""
        raw = self.states.get(customer_id)
        return UNKNOWN_CUSTOMER if raw is None else decode_state(raw)[1]

    def keep(self, customer_id, state):
        """Remember this of a customer."""
        super().keep(customer_id, state)
        if state is not UNKNOWN_CUSTOMER:
            self.states[customer_id] = encode_state(NOTHING_APPLIED, state)


def simulated(most=None, **how):
    """Return the simulator's events, so many at most, in the order in which a partition has them."""
    said = islice((one for one in simulate(**how) if one.customer_id), most)
    decoded = (codec.decode_value(one.topic, orjson.dumps(one.value), NOW_MS) for one in said)
    return sorted(decoded, key=lambda event: event.occurred_at)


def inputs(days):
    """Yield what there is to judge: a name and decoded events."""
    yield f"simulator, {days} days", simulated(days=days)
    yield f"simulator, {MANY:,} customers", simulated(EVENTS_OF_MANY, days=days, customers=MANY)
    if ACCESS_LOG.exists():
        lines = read_access_log(ACCESS_LOG, Identity.HOST, "https://www.stream-app.example", NOW_MS)
        yield "access log", [line for line in lines if hasattr(line, "event_id")]
    if RETAIL.exists():
        yield "retail orders", orders()


def rule_sets():
    """Return the sets by name, none of their rules asleep."""
    return {name: RuleSet(name=name, tuning=Tuning(feeds=frozenset(Feed))) for name in RuleSetName}


def judge(events, rules, states=States):
    """Judge everything as one partition, time included; return the customers and how many moments came due."""
    customers, moments = states(), 0
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
    """Return for each rule set and kind of states the CPU seconds of each round.

    Rounds take turns, so that noise meets all alike; the first of each does not count.
    """
    ways, spent = [(name, states) for name in RuleSetName for states in (States, EncodedStates)], defaultdict(list)
    sets = rule_sets()
    for _ in range(rounds + 1):
        for name, states in ways:
            began = time.process_time()
            judge(events, sets[name], states)
            spent[name, states].append(time.process_time() - began)
    return {way: median(seconds[1:]) / len(events) * 1e6 for way, seconds in spent.items()}


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
    for one in sets:
        customers, moments = judge(events, sets[one])
        p50, p99, largest = sizes(customers)
        print(
            f"  {one:<7}{spent[one, States]:6.2f} µs an event, {spent[one, EncodedStates]:6.2f} if its state is "
            f"decoded and encoded each time; {moments:,} moments came due; "
            f"{len(customers.states):,} states of {p50:,} bytes at p50, {p99:,} at p99, {largest:,} at most"
        )
    ratio = spent[RuleSetName.FULL, States] / spent[RuleSetName.SIMPLE, States]
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
    collect_seldom()  # as the worker does
    for name, events in inputs(arguments.days):
        show(name, events, arguments.rounds)


if __name__ == "__main__":
    main()
