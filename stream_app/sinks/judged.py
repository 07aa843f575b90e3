"""Which alert a word on a message is said of."""

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import Severity
from stream_app.core.notify.message import Message
from stream_app.render.letters import Whole
from stream_app.sinks.base import Envelope

_SEVERITIES = tuple(Severity)  # the most severe first


class Judged(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The case, its account, and the alert that was shown: what `cs-feedback` has beside the word itself."""

    case_id: str
    account: str = ""
    rule_id: str = ""
    alert_id: str = ""


def judged(envelope: Envelope) -> tuple[Judged, ...]:
    """Return what a reader of a letter may say something of, a case each."""
    return tuple(_of_letter(_of_case(message), envelope) for message in envelope.parcel.messages)


def _of_letter(one: Judged, envelope: Envelope) -> Judged:
    letter = envelope.letter
    if not isinstance(letter, Whole) or letter.case_id != one.case_id:
        return one
    return replace(one, rule_id=letter.message.ids.rule_id, alert_id=letter.message.ids.alert_id)


def _of_case(message: Message) -> Judged:
    if not message.alerts:
        return Judged(case_id=message.case_id, account=message.account)
    worst = min(message.alerts, key=lambda alert: (_SEVERITIES.index(alert.severity), -alert.occurred_at))
    return Judged(case_id=message.case_id, account=message.account, rule_id=worst.rule_id, alert_id=worst.alert_id)
