"""Letters and parcels to be said in Slack."""

from msgspec.structs import replace

from stream_app.core.alerts import Intent, PublishedAlert, Severity
from stream_app.core.events import MINUTE
from stream_app.core.language import Language
from stream_app.core.notify.message import Message as Case
from stream_app.core.notify.message import Stage
from stream_app.core.notify.orders import Action
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Routing, Target
from stream_app.playbooks import load_playbooks
from stream_app.render import render
from stream_app.render.letters import Button, Choice, Entry, Labelled, Many, Note, Whole
from stream_app.sinks.base import Envelope
from tests.render.samples import LINKS, SENDERS, ZONES, alert_of

CHANNEL = Target(sink=Sink.SLACK, kind=AddressKind.CHANNEL, address="C0123")
BUTTONS = (
    Labelled(button=Button.ACKNOWLEDGE, label="担当します"),
    Labelled(button=Button.SNOOZE, label="明日まで止める"),
    Labelled(
        button=Button.VERDICT,
        label="このお知らせはどうでしたか",
        choices=(
            Choice(action=Action.USEFUL, label="役に立った"),
            Choice(action=Action.NOT_USEFUL, label="役に立たなかった"),
            Choice(action=Action.TOO_EARLY, label="まだ早かった"),
        ),
    ),
    Labelled(button=Button.OPEN, label="顧客情報を開く", url="https://crm.example.com/accounts/a-0007"),
)
NOTE = Note(language=Language.JA, case_id="case-1", lines=("4時間たちました",))
ENTRY = Entry(case_id="case-1", severity=Severity.HIGH, heading="解約リスク", lines=("一行目",), buttons=BUTTONS[:1])
MANY = Many(
    language=Language.JA, heading="本日のまとめ", top=(ENTRY,), rest_title="ほか", rest=(ENTRY,), more="ほか3件"
)


def user(address):
    return Target(sink=Sink.SLACK, kind=AddressKind.USER, address=address)


def whole(intent=Intent.CHURN, language=Language.JA, **changes):
    """Return the letter of a real alert."""
    alert = alert_of(intent, language)
    message = render(
        alert,
        language=language,
        zone=ZONES[language],
        now=alert.occurred_at + 5 * MINUTE,
        playbooks=load_playbooks(),
        sender=SENDERS[language],
        link_templates=LINKS,
    )
    letter = Whole(language=language, case_id="case-1", message=message, buttons=BUTTONS, notes=("本日3回目",))
    return replace(letter, **changes)


def published(alert_id, severity, at, rule_id="churn.cancel"):
    return PublishedAlert(
        alert_id=alert_id,
        intent=Intent.CHURN,
        rule_id=rule_id,
        severity=severity,
        polarity="risk",
        customer_id="c-1042",
        occurred_at=at,
        rule_set="1",
        reason="",
        evidence=(),
    )


def case(**changes):
    said = Case(
        case_id="case-1",
        routing=Routing(route="team", target=CHANNEL, why=()),
        account="a-0007",
        stage=Stage.OPEN,
        alerts=(
            published("al-1", Severity.MEDIUM, 1),
            published("al-2", Severity.HIGH, 2),
            published("al-3", Severity.HIGH, 3, "churn.export"),
            published("al-4", Severity.LOW, 4),
        ),
        first_at=0,
        last_at=0,
    )
    return replace(said, **changes)


def envelope(letter=NOTE, kind=Kind.ALERT, target=CHANNEL, **changes):
    """Return a letter with its parcel."""
    return Envelope(parcel=Parcel(id="p-1", kind=kind, target=target, messages=(case(),), **changes), letter=letter)
