"""Parcels with their letters, made of a real alert."""

from msgspec.structs import replace

from stream_app.codec import decode_alert, encode_alert
from stream_app.core.alerts import Intent, Severity
from stream_app.core.events import SECOND
from stream_app.core.language import Language
from stream_app.core.notify.message import Message, Place, Stage
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Routing, Target, Why
from stream_app.playbooks import load_playbooks
from stream_app.render import render
from stream_app.render.letters import Button, Entry, Labelled, Many, Note, Whole
from stream_app.sinks.base import Envelope
from tests.render.samples import LINKS, MORNING, SENDERS, TOKYO, alert_of

BOOKS = load_playbooks()
CHANNEL = Target(sink=Sink.CONSOLE, kind=AddressKind.CHANNEL, address="#customer-success")
THERE = Place(channel="#customer-success", id="case-1")

ALERT = alert_of(Intent.CHURN)
PUBLISHED = decode_alert(encode_alert(ALERT, MORNING + SECOND))
TOLD = render(
    ALERT,
    language=Language.JA,
    zone=TOKYO,
    now=MORNING,
    playbooks=BOOKS,
    sender=SENDERS[Language.JA],
    link_templates=LINKS,
)

BUTTONS = (
    Labelled(button=Button.ACKNOWLEDGE, label="担当します"),
    Labelled(button=Button.SNOOZE, label="あとで"),
    Labelled(button=Button.OPEN, label="CRMで開く", url="https://crm.example.com/accounts/a-0007"),
)
WHOLE = Whole(
    language=Language.JA,
    case_id="case-1",
    message=TOLD,
    notes=("本日3回目", "担当の方が不在のため、代わりにお知らせします"),
    also_title="同じ会社のほかの方",
    also=("見本 二郎 様: 料金プラン 10:05",),
    buttons=BUTTONS,
    mentions=("tantou@example.co.jp",),
)
NOTE = Note(language=Language.JA, case_id="case-1", lines=("見本 二郎 様も料金プランを見ています",))
LIST = Many(
    language=Language.JA,
    heading="本日のまとめ:3件",
    notes=("解約 1件",),
    top=(
        Entry(case_id="case-1", severity=Severity.HIGH, heading="一番", lines=("解約のページ",), buttons=BUTTONS[:1]),
    ),
    rest_title="ほか",
    rest=(Entry(case_id="case-2", severity=Severity.LOW, heading="二番"),),
    more="ほか1件",
)


def case(*alerts, case_id="case-1", target=CHANNEL, why=(Why.MATCHED,)):
    """Return a message of these alerts, as the target's desk has it."""
    return Message(
        case_id=case_id,
        routing=Routing(route="high-touch", target=target, why=why),
        account="a-0007",
        stage=Stage.HELD,
        alerts=alerts,
        ids=tuple(one.alert_id for one in alerts),
        first_at=MORNING,
        last_at=MORNING,
    )


def parcel(kind=Kind.ALERT, *, alerts=(PUBLISHED,), place=None, target=CHANNEL, **fields):
    """Return a parcel that is the first to show these alerts."""
    made = Parcel(
        id="case-1",
        kind=kind,
        target=target,
        messages=(case(*alerts, target=target),),
        alert_ids=tuple(one.alert_id for one in alerts),
        place=place,
    )
    return replace(made, **fields)


def envelope(kind=Kind.ALERT, letter=WHOLE, **fields):
    """Return a parcel with its letter."""
    return Envelope(parcel=parcel(kind, **fields), letter=letter)
