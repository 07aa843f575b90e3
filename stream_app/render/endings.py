"""What of a case holds no more: what is over and why, and what is thought now instead."""

from collections.abc import Iterator

from stream_app.core.alerts import PublishedAlert, ResolvedReason
from stream_app.core.notify.message import Message
from stream_app.playbooks.placeholders import fill
from stream_app.render.case import is_over
from stream_app.render.compose import happened
from stream_app.render.pen import Pen
from stream_app.render.weighed import named


def ended(message: Message, pen: Pen) -> Iterator[str]:
    """Yield that the case is over and why, or which of its alerts are."""
    words = pen.words
    if is_over(message):
        yield from [fill(words.note.over, {"why": words.over[reason]}) for reason in _reasons(message)] or [
            words.note.elsewhere
        ]
        return
    over = {end.alert_id: end.reason for end in message.ends}
    for alert in message.alerts:
        if (reason := over.get(alert.alert_id)) is not None:
            yield fill(words.note.part_over, {"what": _thought(alert, pen), "why": words.over[reason]})


def read_anew(message: Message, leading: PublishedAlert, pen: Pen) -> Iterator[str]:
    """Yield what was thought before, where the alert replaces one of this case."""
    words = pen.words.note
    before = next((one for one in message.alerts if one.alert_id == leading.supersedes), None)
    if before is not None:
        yield fill(words.replaced, {"before": _thought(before, pen)})
    elif leading.supersedes in message.ids:
        yield words.replaced_unknown


def _reasons(message: Message) -> list[ResolvedReason]:
    """Return why it is over, each once; none if another case speaks for it."""
    reasons = [end.reason for end in message.ends if end.reason is not None]
    solved = [ResolvedReason.SOLVED] if message.solved_at is not None else []
    return list(dict.fromkeys([*reasons, *solved]))


def _thought(alert: PublishedAlert, pen: Pen) -> str:
    return named(alert.readings[0], pen.words) if alert.readings else happened(alert, pen.words)
