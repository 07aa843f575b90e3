"""Events put aside on disk."""

from decimal import Decimal
from itertools import zip_longest

from hypothesis import given
from hypothesis import strategies as st

from stream_app.core.events import CustomerProfile, Interaction, InteractionKind, PageView, Profile, Purchase, Tier
from stream_app.spool import LONGEST_RUN, Spool

LANES = 3
EVENTS = (
    PageView(event_id="v", customer_id="c", occurred_at=1, url="https://a.example/料金", title="料金"),
    Purchase(event_id="p", customer_id="c", occurred_at=-2, amount=Decimal("-0.10"), currency="JPY"),
    CustomerProfile(customer_id="c", occurred_at=3, profile=Profile(occurred_at=3, tier=Tier.HIGH, seats=0)),
    CustomerProfile(customer_id="c", occurred_at=4, profile=None),
    Interaction(event_id="i", customer_id="c", occurred_at=2**53, kind=InteractionKind.NPS, touchpoints={"ui": -3}),
)


@given(st.lists(st.tuples(st.integers(0, LANES - 1), st.sampled_from(EVENTS), st.integers(1, 2 * LONGEST_RUN))))
def test_gives_back_each_lane_as_it_was(appended):
    """Kinds of events may change at any place, lanes be written in any order and read side by side."""
    expected = [[], [], []]
    found = [[], [], []]
    with Spool(LANES) as spool:
        for lane, event, times in appended:
            for _ in range(times):
                spool.append(lane, event)
                expected[lane].append(event)
        for runs in zip_longest(*(spool.runs(lane) for lane in range(LANES)), fillvalue=()):
            for lane, run in enumerate(runs):
                found[lane] += run

    assert expected == found


def test_many_lanes_hold_few_events_each():
    """What waits in memory does not grow with the number of lanes."""
    with Spool(4 * 4096) as spool:
        for _ in range(100):
            spool.append(0, EVENTS[0])

        assert max(map(len, spool.runs(0))) <= 16
