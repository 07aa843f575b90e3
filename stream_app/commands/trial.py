"""A test message: an example alert, told through one route and its sink as a real one would be."""

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import Evidence, PublishedAlert, Snapshot, alert_id
from stream_app.core.events import Event, Interaction, Micros, PageView, Purchase
from stream_app.core.example import CUSTOMER
from stream_app.core.notify.message import Message, Place, Stage
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.core.pages import PageCategory, PageTable
from stream_app.core.people import People
from stream_app.core.routes import FALLBACK, AlertFacts, Matcher, Route, Routes, Sink, facts_of
from stream_app.core.routing import Routing, Target, route
from stream_app.core.rule import Rule
from stream_app.core.rules import RULES
from stream_app.playbooks.placeholders import fill
from stream_app.render.catalogue import catalogue
from stream_app.render.letters import Whole
from stream_app.settings import Settings
from stream_app.settings.people import known_as
from stream_app.sinks.base import Envelope, SinkError, SinkRejected
from stream_app.sinks.base import Sink as Deliverer


class Answer(Struct, frozen=True, kw_only=True):
    """What a sink said to it; `why` is empty if it was delivered."""

    target: Target
    place: Place | None = None
    why: str = ""


def trial(settings: Settings, name: str, at: Micros, to: Sink | None = None) -> Parcel:
    """Return an example alert on its way through the route of this name, to another sink if one is named.

    Raises ValueError if no route is called so.
    """
    table = settings.route_table()
    known_as(name, [*(each.name for each in table.ordered), FALLBACK], "no route is called")
    chosen = [_diverted(each, to) for each in table.ordered if each.name == name]
    alert = _example(chosen[0].match if chosen else Matcher(), settings, at)
    routes = Routes(
        ordered=tuple(replace(each, match=Matcher(), goes_on=False) for each in chosen),
        fallback=_diverted(table.fallback, to),
    )
    (routing,) = route(facts_of(alert), routes, settings.team(), at)
    return _parcel(alert, routing, at)


def marked(envelope: Envelope) -> Envelope:
    """Return it marked as a test; without buttons, for what they tell would count."""
    letter = envelope.letter
    assert isinstance(letter, Whole), "the first message of a case is told whole"
    words = catalogue(letter.language).test
    heading = fill(words.heading, {"heading": letter.message.heading})
    test = replace(
        letter, message=replace(letter.message, heading=heading), notes=(words.note, *letter.notes), buttons=()
    )
    return replace(envelope, letter=test)


def example_of(rule: Rule, pages: PageTable, at: Micros) -> tuple[Evidence, ...]:
    """Return what matters of the rule's own example, which ends now."""
    example = next(one for one in rule.examples if one.fires)
    found = (_seen(event, pages, event.occurred_at + at - example.until) for event in example.events)
    return tuple(one for one in found if one is not None and one.category != PageCategory.OTHER)


async def deliver(envelope: Envelope, sink: Deliverer) -> Answer:
    """Give it to its sink once, and return what that says."""
    target = envelope.parcel.target
    try:
        return Answer(target=target, place=await sink.deliver(envelope))
    except SinkError as error:
        return Answer(target=target, why=f"not now: {error}")
    except SinkRejected as error:
        return Answer(target=target, why=f"refused: {error}")


def _diverted(taken: Route, to: Sink | None) -> Route:
    return taken if to is None else replace(taken, sink=to)


def _example(match: Matcher, settings: Settings, at: Micros) -> PublishedAlert:
    """Return an alert that the matcher takes if any example is one; its customer's owner is the first of the people."""
    people, rules = settings.team(), settings.rule_set()
    examples = [(rule, _facts(rule, match, people)) for rule in (*rules.rules, *RULES)]
    rule, taken = next((one for one in examples if match.takes(one[1])), examples[0])
    return PublishedAlert(
        alert_id=alert_id(rule.id, CUSTOMER, f"test-{at}"),
        intent=rule.intent,
        rule_id=rule.id,
        severity=taken.severity,
        polarity=taken.polarity,
        customer_id=CUSTOMER,
        account_id="a-1",
        customer=Snapshot(owner=taken.owner, tier=taken.tier, language=taken.language),
        occurred_at=at,
        detected_at=at,
        rule_set=rules.id,
        reason=rule.why,
        evidence=example_of(rule, rules.pages, at),
    )


def _facts(rule: Rule, match: Matcher, people: People) -> AlertFacts:
    fixed = (owner for owner in match.owner if owner and not {"*", "?", "["} & set(owner))
    return AlertFacts(
        intent=rule.intent,
        severity=next(iter(match.severity), rule.severity),
        polarity=next(iter(match.polarity), rule.polarity),
        rule=rule.id,
        tier=next(iter(match.tier), None),
        owner=next(fixed, next(iter(people), "")),
        language=next(iter(match.language), ""),
    )


def _seen(event: Event, pages: PageTable, at: Micros) -> Evidence | None:
    match event:
        case PageView():
            category = pages.page(event.url).category
            return Evidence(event_id=event.event_id, occurred_at=at, category=category, url=event.url)
        case Purchase():
            return Evidence(
                event_id=event.event_id,
                occurred_at=at,
                category=event.kind,
                amount=str(event.amount),
                currency=event.currency,
                plan=event.plan,
            )
        case Interaction():
            return Evidence(event_id=event.event_id, occurred_at=at, category=event.kind)
    return None


def _parcel(alert: PublishedAlert, routing: Routing, at: Micros) -> Parcel:
    ids = (alert.alert_id,)
    message = Message(
        case_id=alert.alert_id,
        routing=routing,
        account=alert.account_id,
        stage=Stage.HELD,
        first_at=at,
        last_at=at,
        alerts=(alert,),
        ids=ids,
        unsaid=ids,
    )
    return Parcel(id=alert.alert_id, kind=Kind.ALERT, target=routing.target, messages=(message,), alert_ids=ids)
