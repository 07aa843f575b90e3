"""Cases and parcels to write letters of, made of the alerts of the samples."""

from msgspec.structs import replace

from stream_app.core.alerts import Intent, PublishedAlert, Severity, Snapshot
from stream_app.core.calendar import Calendar, Hours
from stream_app.core.contact import ContactHours
from stream_app.core.events import DAY, HOUR, MINUTE
from stream_app.core.language import Language
from stream_app.core.notify.ends import End
from stream_app.core.notify.message import Message, Place, Stage
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.core.notify.together import Look
from stream_app.core.people import Person
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Routing, Target, Why
from stream_app.playbooks import load_playbooks
from stream_app.render import Reader, letter
from tests.render.found import found
from tests.render.samples import LINKS, MORNING, SENDERS, STARTS, ZONES, alert_of

JA, EN = Language.JA, Language.EN
BOOKS = load_playbooks()
CHANNEL = Target(sink=Sink.SLACK, kind=AddressKind.CHANNEL, address="#customer-success")
THREAD = Place(channel="C1", id="1.1")
SHARED = Place(channel="C1", id="1.1", shared=True)
DEPUTY = {JA: ("dairi@example.co.jp", "見本 代理"), EN: ("deputy@example.com", "Second Person")}
PEOPLE = {
    email: Person(email=email, name=name)
    for email, name in (*DEPUTY.values(), *((one.email, one.name) for one in SENDERS.values()))
}
COLLEAGUE = {JA: "見本 次郎", EN: "Another Customer"}
THIRD = {JA: "見本 三郎", EN: "Third Customer"}


def owner(language):
    """Return the owner as the reader."""
    sender, hours = SENDERS[language], Hours(timezone=ZONES[language].key, country="")
    return Reader(language=language, hours=Calendar(hours), name=sender.name, email=sender.email)


def channel(language):
    """Return a channel as the reader."""
    return replace(owner(language), name="", email="")


def published(intent, language=JA, *, after=0, **changes):
    """Return the alert of an intent as it stands on its topic, moved by a span; each with ids of its own."""
    alert = on_its_topic(alert_of(intent, language))
    seen = tuple(_moved(one, after) for one in alert.evidence)
    ids = f"{intent}-{changes.get('customer_id', alert.customer_id)}-{after}"
    return replace(alert, **{"alert_id": ids, "occurred_at": alert.occurred_at + after, "evidence": seen} | changes)


def on_its_topic(made):
    """Return an alert of the core as others read it."""
    names = [name for name in made.__struct_fields__ if name not in ("customer", "event_id")]
    known = {name: getattr(made.customer, name) for name in Snapshot.__struct_fields__} if made.customer else None
    return PublishedAlert(
        **{name: getattr(made, name) for name in names}, customer=Snapshot(**known) if known else None
    )


def _moved(seen, after):
    return replace(seen, event_id=f"{seen.event_id}+{after}", occurred_at=seen.occurred_at + after)


def by_colleague(intent, language=JA, **changes):
    """Return an alert of another person of the same account."""
    alert = published(intent, language, customer_id="c-1043", **changes)
    seen = tuple(replace(one, event_id=f"{one.event_id}-1043") for one in alert.evidence)
    return replace(alert, customer=replace(alert.customer, name=COLLEAGUE[language]), evidence=seen)


def message(*alerts, why=(Why.MATCHED,), person="", mentions=(), absent=(), **changes):
    """Return the open message of these alerts."""
    routing = Routing(route="all", target=CHANNEL, why=why, person=person, mentions=mentions, absent=absent)
    fields = {"first_at": alerts[0].occurred_at, "last_at": alerts[-1].occurred_at, "account": "a-0007"}
    return Message(
        **{"case_id": alerts[0].alert_id, "routing": routing, "stage": Stage.OPEN, "alerts": alerts} | fields | changes
    )


def parcel(kind, *messages, new=(), **changes):
    """Return a parcel of these messages."""
    ids = tuple(one.alert_id for one in new)
    return Parcel(**{"id": "p", "kind": kind, "target": CHANNEL, "messages": messages, "alert_ids": ids} | changes)


def told(sent, language=JA, *, after=5 * MINUTE, reader=None, contact=None, **others):
    """Return the letter so long after the samples' morning began."""
    return letter(
        sent,
        reader or owner(language),
        **{
            "now": STARTS[language] + after,
            "playbooks": BOOKS,
            "people": PEOPLE,
            "contact": contact or ContactHours(timezone=ZONES[language].key, country=""),
            "link_templates": LINKS,
        }
        | others,
    )


def two_people(language):
    """Return a message of two people of one account, the third time today, one of them held back."""
    first = published(Intent.BUDGET, language)
    second = by_colleague(Intent.BUDGET, language, after=70 * MINUTE)
    return message(first, second, again=(STARTS[language] + 95 * MINUTE,))


def together(language):
    """Return the parcel that tells that others of the account are on the same errand, one of them without an alert."""
    budget = published(Intent.BUDGET, language, severity=Severity.HIGH)
    second = by_colleague(Intent.BUDGET, language, after=-MINUTE)
    people = (("c-1042", "pricing"), ("c-1043", "export"), ("c-1044", "cancellation"))
    names = {"c-1042": budget.customer.name, "c-1043": COLLEAGUE[language], "c-1044": THIRD[language]}
    looks = tuple(
        Look(
            occurred_at=STARTS[language] + n * HOUR, customer_id=who, event_id=f"l-{n}", category=page, name=names[who]
        )
        for n, (who, page) in enumerate(people, -1)
    )
    case = message(second, budget, raised=(budget.alert_id,), rising=(budget.alert_id,), looks=looks)
    return parcel(Kind.RAISE, case, place=THREAD)


def stood_in(language):
    """Return a message whose owner is away, told to the deputy."""
    why = (Why.MATCHED, Why.OWNER_AWAY, Why.DEPUTY)
    return message(
        published(Intent.CHURN, language), why=why, person=DEPUTY[language][0], absent=(SENDERS[language].email,)
    )


def deputy(language):
    """Return the deputy as the reader."""
    email, name = DEPUTY[language]
    return replace(owner(language), name=name, email=email)


def waiting(language):
    """Return a message that nobody took up, to be escalated at 14:00."""
    return message(published(Intent.CHURN, language), escalate_at=STARTS[language] + 4 * HOUR)


def taken_over(language):
    """Return the parcel that makes a budget case a churn case."""
    budget = published(Intent.BUDGET, language, after=-3 * DAY)
    churn = published(Intent.CHURN, language)
    return parcel(Kind.RAISE, message(budget, churn), new=(churn,), place=THREAD)


def read_anew(language):
    """Return the parcel that edits a message in which another reading has come to lead."""
    before, now = (on_its_topic(found(one, language)) for one in ("budget.review", "churn.leaving-prepared"))
    earlier = replace(before, alert_id="budget-1", occurred_at=before.occurred_at - DAY)
    later = replace(now, supersedes=earlier.alert_id)
    ends = (End(alert_id=earlier.alert_id, by=later.alert_id, at=MORNING),)
    return parcel(Kind.UPDATE, message(earlier, later, ends=ends), new=(later,), place=THREAD)


def over(language, *reasons):
    """Return a message of a doubt and a complaint; of as many as there are reasons it is over."""
    doubt, complaint = (on_its_topic(found(one, language)) for one in ("budget.value-doubt", "support.complaint"))
    ends = [
        End(alert_id=one.alert_id, reason=reason, at=MORNING)
        for one, reason in zip((doubt, complaint), reasons, strict=False)
    ]
    return message(doubt, complaint, ends=tuple(ends))


def several(language, count):
    """Return cases of as many companies, the more severe first."""
    intents = (Intent.CHURN, Intent.BUDGET, Intent.UPGRADE, Intent.SUPPORT)
    firms = {JA: "株式会社見本{:02}", EN: "Example {:02} Ltd"}[language]
    alerts = [published(intents[n * 4 // count], language, customer_id=f"c-{n + 1}") for n in range(count)]
    named = [
        replace(one, customer=replace(one.customer, account_name=firms.format(n + 1))) for n, one in enumerate(alerts)
    ]
    return tuple(message(one) for one in named)
