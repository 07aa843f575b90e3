"""What a reader can press, with its word."""

from stream_app.core.notify.message import Message
from stream_app.core.notify.orders import VERDICTS
from stream_app.render.case import is_over, is_owned
from stream_app.render.letters import Button, Choice, Labelled
from stream_app.render.links import LinkTemplates, links
from stream_app.render.message import Message as Told
from stream_app.render.pen import Pen

ALL = tuple(Button)
ANSWERS = (Button.ACKNOWLEDGE, Button.SNOOZE, Button.OPEN)
IN_LIST = (Button.ACKNOWLEDGE, Button.VERDICT, Button.OPEN)  # many rules speak in the digest alone


def buttons(wanted: tuple[Button, ...], message: Message, told: Told, pen: Pen) -> tuple[Labelled, ...]:
    """Return those of the wanted that make sense: nobody takes what is taken or over, and a link needs its ids."""
    record = links(LinkTemplates(crm=pen.link_templates.crm), told.ids, pen.words)
    url = record[0].url if record else ""
    over = is_over(message)
    idle = {Button.ACKNOWLEDGE: over or is_owned(message), Button.SNOOZE: over, Button.OPEN: not url}
    return tuple(_labelled(button, url, pen) for button in wanted if not idle.get(button))


def _labelled(button: Button, url: str, pen: Pen) -> Labelled:
    return Labelled(
        button=button,
        label=pen.words.button[button],
        url=url if button is Button.OPEN else "",
        choices=_verdicts(pen) if button is Button.VERDICT else (),
    )


def _verdicts(pen: Pen) -> tuple[Choice, ...]:
    return tuple(Choice(action=action, label=pen.words.verdict[action]) for action in VERDICTS)
