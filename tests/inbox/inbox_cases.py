"""Records of notify's topics, as few as a case needs."""

from msgspec.structs import replace

from stream_app.core.alerts import Evidence, Intent, Polarity, PublishedAlert, Reading, Severity, Snapshot, Weighed
from stream_app.core.events import SECOND
from stream_app.core.notify.fates import delivery
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.orders import Told
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Routing, Target, Why
from stream_app.settings import Settings
from stream_app.settings.people import PersonSettings

AT = 1_780_450_200 * SECOND  # 2026-06-03T01:30Z: a Wednesday morning in Tokyo
OWNER = "tantou@example.co.jp"
PEOPLE = {OWNER: PersonSettings(name="Tantou", language="ja"), "dairi@example.co.jp": PersonSettings(name="Dairi")}
SETTINGS = Settings(people=PEOPLE)
RULES = SETTINGS.notify_rules()
SLACK = Routing(
    route="high-touch",
    target=Target(sink=Sink.SLACK, kind=AddressKind.USER, address=OWNER),
    why=(Why.MATCHED,),
    person=OWNER,
)
TEAM = Routing(
    route="team",
    target=Target(sink=Sink.SLACK, kind=AddressKind.CHANNEL, address="#customer-success"),
    why=(Why.MATCHED,),
)
READINGS = (
    Weighed(reading=Reading.BUDGET, confidence=0.56, because=("pricing",)),
    Weighed(reading=Reading.UPGRADE, confidence=0.31, because=("plan_compare",)),
    Weighed(reading=Reading.DOUBT, confidence=0.0, because=()),
)


def alert(number, **changes):
    """Return an alert with this number as its id."""
    made = PublishedAlert(
        alert_id=f"{number:032x}",
        intent=Intent.BUDGET,
        rule_id="budget.review",
        severity=Severity.MEDIUM,
        polarity=Polarity.OPEN,
        customer_id="c-1",
        account_id="a-1",
        customer=Snapshot(name="Tanaka", account_name="Example Shoji", owner=OWNER, language="ja"),
        occurred_at=AT,
        detected_at=AT + SECOND,
        rule_set="test",
        reason="a test",
        evidence=(
            Evidence(
                event_id=f"e-{number}",
                occurred_at=AT - SECOND,
                category="pricing",
                url="https://www.example.com/pricing?x=1",
                title="Plans <b>and</b> prices",
            ),
        ),
        readings=READINGS,
    )
    return replace(made, **changes)


def told(number, case=1, routing=SLACK, **changes):
    """Return that an alert is told by a routing."""
    return Told(case_id=f"{case:032x}", alert=alert(number, **changes), routing=routing)


def fate(number, fate, reason, at=AT + 2 * SECOND, case=1, routing=SLACK):
    """Return what became of an alert."""
    return delivery(alert(number), f"{case:032x}", routing, fate, reason, at)


def acted(action, at=AT + 3 * SECOND, case=1):
    """Return that somebody did this with a case."""
    return Feedback(
        feedback_id=f"f-{action}-{at}",
        case_id=f"{case:032x}",
        account="a-1",
        action=action,
        by="Tantou",
        at=at,
    )
