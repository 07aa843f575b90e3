"""What the worker is made of, as the settings say: machines, letters, topics, sinks."""

import sys
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from stream_app.core.erasure import Erasures
from stream_app.core.events import Micros
from stream_app.core.language import Language
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.parcels import Parcel
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routes import Sink as Kind
from stream_app.core.routing import AddressKind
from stream_app.notify.clock import Clock
from stream_app.notify.desks import Outlet, Say
from stream_app.notify.machines import Machines
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.topics import Topics
from stream_app.notify.worker import Place
from stream_app.playbooks import load_playbooks
from stream_app.render import Reader, letter
from stream_app.settings import Settings
from stream_app.sinks.base import Envelope, Sink
from stream_app.sinks.choose import sinks
from stream_app.sinks.console import Console
from stream_app.topics import ALERT_TOPICS, InputTopic, NotifyTopic, OutputTopic, Worker


def machines_of(rules: NotifyRules, erasures: Erasures) -> Machines:
    """Return where new machines come from; `erasures`: who was erased, for all of them."""
    return Machines(
        cases=lambda: Cases(rules, erasures), desk=lambda target: Desk(target, rules, erasures), erasures=erasures
    )


def place_of(settings: Settings, partitions: Mapping[str, int]) -> Place:
    """Return where the worker works; `partitions` says how many each topic has."""
    topics = Topics(
        alerts=tuple(settings.topic(topic) for topic in ALERT_TOPICS.values()),
        fates=settings.topic(OutputTopic.FATES),
        resolutions=settings.topic(OutputTopic.RESOLUTIONS),
        account_views=settings.topic(OutputTopic.ACCOUNT_VIEWS),
        feedback=settings.topic(NotifyTopic.FEEDBACK),
        queue=settings.topic(NotifyTopic.QUEUE),
        interactions=settings.topic(InputTopic.INTERACTIONS),
        deliveries=settings.topic(NotifyTopic.DELIVERIES),
        dead_letters=settings.topic(OutputTopic.DEAD_LETTERS),
        erasures=settings.topic(OutputTopic.ERASURES),
        changelog=settings.changelog(Worker.NOTIFY),
    )
    return Place(
        options=settings.client_options(),
        group=settings.notify.group,
        session_timeout=settings.kafka.session_timeout,
        topics=topics,
        partitions=partitions,
    )


def say_of(settings: Settings) -> Say:
    """Return what turns parcels into letters; PlaybookError if playbooks cannot be used."""
    playbooks, rules = load_playbooks(settings.playbooks), settings.notify_rules()
    contact, links = settings.contact.hours(settings.hours.timezone), settings.notify.links.templates()

    def say(parcel: Parcel, now: Micros) -> Envelope:
        routing = parcel.messages[0].routing
        person = rules.people.get(routing.person) if parcel.target.kind is AddressKind.USER else None
        reader = Reader(
            language=_language(person.language if person else "", settings.notify.language),
            hours=rules.hours(parcel.target, routing.person),
            name=person.name if person else "",
            email=person.email if person else "",
        )
        said = letter(
            parcel,
            reader,
            now=now,
            playbooks=playbooks,
            people=rules.people,
            contact=contact,
            link_templates=links,
        )
        return Envelope(parcel=parcel, letter=said)

    return say


def sinks_of(settings: Settings, clock: Clock) -> Mapping[Kind, Sink]:
    """Return the sinks that routes, fallback and escalation go to; SettingsError for those without credentials."""
    return sinks(settings, clock=clock.now, out=sys.stdout, escalation=settings.escalation_route().sink)


def outlets_of(
    settings: Settings, sinks: Mapping[Kind, Sink], clock: Clock, metrics: NotifyMetrics
) -> dict[Kind, Outlet]:
    """Return the sinks as desks use them; PlaybookError if playbooks cannot be used."""
    say = say_of(settings)
    return {
        kind: Outlet(kind, sink, say, clock, metrics, one_place=is_one_place(kind, settings))
        for kind, sink in sinks.items()
    }


def is_one_place(kind: Kind, settings: Settings) -> bool:
    """Tell whether all targets of a sink are one, as behind an incoming webhook."""
    return kind is Kind.SLACK and not settings.slack.token.get_secret_value()


def consoles(settings: Settings, clock: Clock) -> Mapping[Kind, Sink]:
    """Return the console in place of every sink."""
    return dict.fromkeys(Kind, Console(sys.stdout, clock.now, ZoneInfo(settings.hours.timezone)))


def _language(own: str, otherwise: Language) -> Language:
    known = own.partition("-")[0].lower()
    return Language(known) if known in {*Language} else otherwise
