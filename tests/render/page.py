"""The page of the documentation that shows one alert of each intent; `python -m tests.render.page` writes it anew."""

from pathlib import Path

from stream_app.core.alerts import Intent
from stream_app.core.events import MINUTE
from stream_app.core.language import Language
from stream_app.playbooks import load_playbooks
from stream_app.render import plain, render
from tests.render.samples import LINKS, SENDERS, ZONES, alert_of

FILE = Path(__file__).parents[2] / "docs" / "messages.md"

HEAD = """# What a message says

One alert of each intent in Japanese and in English, as the program renders it as plain text; Slack and other sinks lay
out the same parts. The people and companies are made up. `stream-app playbooks show churn --language ja` prints what is
prepared for an intent, and a file of the same name in the folder of the `playbooks` setting takes its place.

The upper part is for us: what we saw, and what it may mean. The draft is for the customer, in the customer's language,
and never says that anything was seen. It gives an honest reason to talk, and is sent by a person or not at all.
"""


def sample(intent, language):
    """Return the alert of an intent as text, five minutes after it happened."""
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
    return plain(message)


def page():
    """Return the whole page."""
    parts = [
        f"\n## {intent}, {language}\n\n```text\n{sample(intent, language)}```\n"
        for intent in Intent
        for language in Language
    ]
    return HEAD + "".join(parts)


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
