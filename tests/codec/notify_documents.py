"""Orders, feedback, fates and deliveries for Hypothesis, and one of each in words."""

from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.core.alerts import (
    Cell,
    Intent,
    Reading,
    ResolvedReason,
    Severity,
    Standing,
    Suppressed,
    SuppressedReason,
    Weighed,
)
from stream_app.core.events import Tier
from stream_app.core.notify.fates import Delivery, Fate, FateReason
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.orders import (
    Acted,
    Action,
    Again,
    Contacted,
    Escalated,
    Operated,
    Operation,
    Overtaken,
    Raised,
    Replaced,
    Replied,
    Resolved,
    Solved,
    Told,
)
from stream_app.core.notify.together import Look, Together
from stream_app.core.pages import PageCategory
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Routing, Target, Why
from tests.codec.codec_documents import IDS, TEXTS
from tests.core.alerts import PUBLISHED

NOON = 1_781_092_800_000_000
LONG_AGO, FAR_OFF = 0, 253_370_764_799_999_999  # to the end of the year 9998
MOMENTS = st.integers(LONG_AGO, FAR_OFF)
MATCH_IDS = st.text("0123456789abcdef", min_size=32, max_size=32)
NAMES = st.just("") | IDS
TARGETS = st.builds(Target, sink=st.sampled_from(Sink), kind=st.sampled_from(AddressKind), address=NAMES)
ROUTINGS = st.builds(
    Routing,
    route=IDS,
    target=TARGETS,
    why=st.lists(st.sampled_from(Why), max_size=2).map(tuple),
    person=NAMES,
    mentions=st.lists(IDS, max_size=2).map(tuple),
    absent=st.lists(IDS, max_size=2).map(tuple),
    digest=st.booleans(),
    passes=st.lists(st.sampled_from(Severity), max_size=2).map(tuple),
)
WORTHS = st.sampled_from(["", "0", "14800", "-50000.25", "9" * 30 + "." + "3" * 12])
READINGS = st.lists(
    st.builds(
        Weighed,
        reading=st.sampled_from(Reading),
        confidence=st.integers(0, 100).map(lambda share: share / 100),
        because=st.lists(IDS, max_size=3).map(tuple),
    ),
    max_size=3,
).map(tuple)
STANDINGS = st.builds(
    Standing,
    lifetime_value=WORTHS,
    currency=st.sampled_from(["", "JPY"]),
    nps=st.none() | st.integers(0, 10),
    cell=st.none() | st.sampled_from(Cell),
    moved_from=st.none() | st.sampled_from(Cell),
    contacted_at=st.none() | MOMENTS,
    proposed_tier=st.none() | st.sampled_from(Tier),
    campaign_only=st.booleans(),
    onboarding=st.booleans(),
)
ALERTS = st.builds(
    replace,
    st.just(PUBLISHED),
    customer_id=NAMES,
    supersedes=st.just("") | MATCH_IDS,
    readings=READINGS,
    standing=st.none() | STANDINGS,
    preceded_by=TEXTS,
    digest=st.booleans(),
    second=st.booleans(),
    reason=TEXTS,
    customer=st.none() | st.just(PUBLISHED.customer),
    occurred_at=MOMENTS,
    detected_at=st.none() | MOMENTS,
)
NOBODY = Together()
TOGETHER = st.builds(
    Together,
    alert_ids=st.lists(MATCH_IDS, max_size=2).map(tuple),
    looks=st.lists(
        st.builds(
            Look,
            occurred_at=MOMENTS,
            customer_id=IDS,
            event_id=IDS,
            category=st.sampled_from(PageCategory),
            name=TEXTS,
        ),
        max_size=2,
    ).map(tuple),
)
ORDERS = st.one_of(
    st.builds(
        Told, case_id=IDS, alert=ALERTS, routing=ROUTINGS, takes_over=st.booleans(), together=st.just(NOBODY) | TOGETHER
    ),
    st.builds(Raised, case_id=IDS, together=TOGETHER),
    st.builds(
        Again,
        case_id=IDS,
        match_id=IDS,
        customer_id=IDS,
        occurred_at=MOMENTS,
        reason=st.sampled_from(SuppressedReason),
    ),
    st.builds(Overtaken, case_id=IDS, by=IDS),
    st.builds(Replaced, case_id=IDS, alert_id=IDS, by=IDS, at=MOMENTS),
    st.builds(Resolved, case_id=IDS, alert_id=IDS, reason=st.sampled_from(ResolvedReason), at=MOMENTS),
    st.builds(Acted, case_id=IDS, action=st.sampled_from(Action), by=TEXTS, at=MOMENTS),
    st.builds(Contacted, customer_id=IDS, at=MOMENTS),
    st.builds(Replied, channel=NAMES, thread=NAMES, by=TEXTS, at=MOMENTS),
    st.builds(Solved, customer_id=IDS, at=MOMENTS),
    st.builds(Escalated, case_id=IDS, alert=ALERTS, routing=ROUTINGS, of=TEXTS, together=TOGETHER),
    st.builds(Operated, case_id=NAMES, operation=st.sampled_from(Operation)),
)
FEEDBACKS = st.builds(
    Feedback,
    feedback_id=IDS,
    case_id=IDS,
    account=NAMES,
    alert_ids=st.lists(MATCH_IDS, max_size=3).map(tuple),
    rule_id=NAMES,
    action=st.sampled_from(Action),
    by=NAMES,
    at=MOMENTS,
    channel=NAMES,
)
FATES = st.builds(
    Suppressed,
    match_id=MATCH_IDS,
    intent=st.sampled_from(Intent),
    rule_id=IDS,
    severity=st.sampled_from(Severity),
    customer_id=IDS,
    account_id=NAMES,
    event_id=NAMES,
    occurred_at=MOMENTS,
    rule_set=IDS,
    reason=st.sampled_from(SuppressedReason),
)
DELIVERIES = st.builds(
    Delivery,
    alert_id=MATCH_IDS,
    case_id=MATCH_IDS,
    route=IDS,
    target=TARGETS,
    fate=st.sampled_from(Fate),
    reason=st.sampled_from(FateReason),
    at=MOMENTS,
    intent=st.sampled_from(Intent),
    severity=st.sampled_from(Severity),
    rule_id=IDS,
    customer_id=NAMES,
    account_id=NAMES,
    detail=TEXTS,
)
ACTED = Acted(case_id="c", action=Action.REPLY, by="x", at=NOON)
FEEDBACK = Feedback(
    feedback_id="f-1",
    case_id=PUBLISHED.alert_id,
    account="a-1",
    alert_ids=(PUBLISHED.alert_id,),
    rule_id="churn.cancellation-page",
    action=Action.NOT_USEFUL,
    by="担当者",
    at=NOON,
    channel="C1",
)
DELIVERY = Delivery(
    alert_id=PUBLISHED.alert_id,
    case_id=PUBLISHED.alert_id,
    route="high-touch",
    target=Target(sink=Sink.SLACK, kind=AddressKind.USER, address="U1"),
    fate=Fate.SILENCED,
    reason=FateReason.MUTE,
    at=NOON + 1,
    intent=Intent.CHURN,
    severity=Severity.HIGH,
    rule_id="churn.cancellation-page",
    customer_id="c-1",
    account_id="a-1",
    detail="年度末の棚卸し",
)
FEEDBACK_DOCUMENT = {
    "feedback_id": "f-1",
    "case_id": PUBLISHED.alert_id,
    "account": "a-1",
    "alert_ids": [PUBLISHED.alert_id],
    "rule_id": "churn.cancellation-page",
    "action": "not_useful",
    "by": "担当者",
    "at": "2026-06-10T12:00:00Z",
    "channel": "C1",
    "schema_version": 1,
}
