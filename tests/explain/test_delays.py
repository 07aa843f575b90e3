"""Why somebody was not told sooner."""

import pytest

from stream_app.core.notify.fates import Delivery, Fate, FateReason
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Target
from stream_app.explain.matches import matches
from stream_app.explain.story import About, Said, Story
from stream_app.settings import load
from tests.core.notify.histories import alert, at

RULES = load(environ={}).notify_rules()  # 09:30 to 18:00 in Tokyo
CHANNEL = Target(sink=Sink.SLACK, kind=AddressKind.CHANNEL, address="#cs")
SENT, DIGESTED, MUTED = (
    (Fate.DELIVERED, FateReason.SENT),
    (Fate.DIGESTED, FateReason.BUDGET),
    (Fate.SILENCED, FateReason.MUTE),
)


@pytest.mark.parametrize(
    ("intent", "found", "fate", "said", "delay"),
    [
        ("churn", "2026-06-10 11:00", SENT, "2026-06-10 11:00", None),
        ("churn", "2026-06-10 11:00", SENT, "2026-06-10 11:20", "behind"),
        ("budget", "2026-06-10 11:00", SENT, "2026-06-10 11:10", "quiet"),
        ("budget", "2026-06-10 11:00", SENT, "2026-06-10 13:00", "behind"),
        ("churn", "2026-06-10 09:10", SENT, "2026-06-10 09:30", "hours"),
        ("churn", "2026-06-10 19:35", SENT, "2026-06-11 09:30", "hours"),
        ("budget", "2026-06-10 17:55", SENT, "2026-06-11 09:30", "hours"),
        ("budget", "2026-06-10 11:00", DIGESTED, "2026-06-11 09:30", "digest"),
        ("budget", "2026-06-10 11:00", MUTED, "2026-06-10 11:10", None),
    ],
)
def test_what_it_waited_for(intent, found, fate, said, delay):
    _, one = alert("a", intent, found)
    delivery = Delivery(
        alert_id="a",
        case_id="a",
        route="r",
        target=CHANNEL,
        fate=fate[0],
        reason=fate[1],
        at=at(said),
        intent=one.intent,
        severity=one.severity,
        rule_id=one.rule_id,
        customer_id=one.customer_id,
    )
    told = Said(alerts=(one,), deliveries=(delivery,))
    story = Story(sought="c", about=About.CUSTOMER, now=at(said), people=(), said=told)

    (match,) = matches(story, RULES)
    assert [delay] == [each.delay for each in match.told]
