"""The page of the documentation that shows what is said; `python -m tests.render.page` writes it anew."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from stream_app.core.alerts import Intent, ResolvedReason
from stream_app.core.events import HOUR, MINUTE
from stream_app.core.language import Language
from stream_app.core.notify.parcels import Kind
from stream_app.playbooks import Book
from stream_app.render import plain, render
from stream_app.render.letters import Many, Note, Whole
from tests.render import cases
from tests.render.cases import BOOKS, THREAD, parcel, told
from tests.render.found import found
from tests.render.samples import LINKS, SENDERS, ZONES, alert_of

FILE = Path(__file__).parents[2] / "docs" / "messages.md"

HEAD = """# What a message says

In Japanese and in English, as the program renders it as plain text; Slack and other sinks lay out the same parts. First
one alert with each playbook, then what a message says beside it, threads and lists. The people and companies are made
up. `stream-app playbooks show churn --language ja` prints what is prepared under a name, and a file of the same name in
the folder of the `playbooks` setting takes its place.

The upper part is for us: what we saw, and what it may mean. The draft is for the customer, in the customer's language,
and never says that anything was seen. It gives an honest reason to talk, and is sent by a person or not at all.
"""


SHOWN = {
    Book.DOUBT: "budget.value-doubt",
    Book.DETRACTOR: "churn.detractor",
    Book.SILENCE: "churn.silent",
    Book.COMPLAINT: "support.complaint",
    Book.SETUP: "support.trying",
    Book.FIRST_STEPS: "support.faq-did-not-help",
    Book.FOLLOW_UP: "support.missed-follow-up",
    Book.RENEWAL: "budget.renewal-window",
    Book.REFERRAL: "loyalty.referral-candidate",
}
"""The rule whose alert shows a playbook that is no intent's."""


def shown_with(book, language):
    """Return an alert that is told with a playbook."""
    if book in SHOWN:
        return found(SHOWN[book], language, onboarding=book is Book.FIRST_STEPS)
    return alert_of(Intent(book), language)


def sample(book, language):
    """Return an alert told with a playbook as text, five minutes after it happened."""
    alert = shown_with(book, language)
    message = render(
        alert,
        language=language,
        zone=ZONES[language],
        now=alert.occurred_at + 5 * MINUTE,
        playbooks=BOOKS,
        sender=SENDERS[language],
        link_templates=LINKS,
    )
    return plain(message)


def letters(language):
    """Return letters with what they show."""
    waiting, two, away = cases.waiting(language), cases.two_people(language), cases.stood_in(language)
    return {
        "two people of one company": told(parcel(Kind.ALERT, two), language, after=100 * MINUTE),
        "others of the account are on the same errand": told(
            replace(cases.together(language), kind=Kind.ALERT, place=None), language, after=2 * HOUR
        ),
        "and in the thread, where it was told before": told(cases.together(language), language, after=2 * HOUR),
        "told to the deputy": told(parcel(Kind.ALERT, away), language, reader=cases.deputy(language)),
        "a reminder in the thread": told(parcel(Kind.REMIND, waiting, place=THREAD), language, after=2 * HOUR),
        "churn takes over, in the thread": told(cases.taken_over(language), language),
        "another reading leads now": told(cases.read_anew(language), language),
        "one of two is over": told(parcel(Kind.UPDATE, cases.over(language, ResolvedReason.RENEWAL)), language),
        "all of it is over": told(
            parcel(Kind.UPDATE, cases.over(language, ResolvedReason.RENEWAL, ResolvedReason.SOLVED)), language
        ),
        "many at once": told(parcel(Kind.BUNDLE, *cases.several(language, 7)), language),
        "the digest": told(parcel(Kind.DIGEST, *cases.several(language, 12)), language),
    }


def text_of(letter):
    """Return a letter as text; of a whole message only what the alerts above do not show, and where it begins."""
    return "\n".join(_lines(letter)) + "\n"


def _lines(letter) -> Iterator[str]:
    match letter:
        case Whole(message=message):
            first, second, *_ = plain(message).splitlines()
            yield from (first, *(f"※ {note}" for note in letter.notes), second, "")
            yield from (f"{fact.label}{message.titles.colon}{fact.text}" for fact in message.who)
            yield from ("", f"■ {message.titles.happened}", message.happened)
            yield from (f"- {seen.when}  {seen.what}  {seen.where}".rstrip() for seen in message.seen)
            yield from ("", f"■ {letter.also_title}", *(f"- {line}" for line in letter.also)) if letter.also else ()
            yield from ("", "[…]", "", _buttons(letter.buttons))
        case Note():
            yield from (*letter.lines, "", _buttons(letter.buttons))
        case Many():
            yield from (letter.heading, *letter.notes)
            for number, entry in enumerate(letter.top, 1):
                lines = (f"   {line}" for line in (*entry.lines, _buttons(entry.buttons)))
                yield from ("", f"{number}. {entry.heading}", *lines)
            yield from ("", f"■ {letter.rest_title}", *(f"- {entry.heading}" for entry in letter.rest), letter.more)


def _buttons(buttons):
    return " ".join(f"[{_words(button)}]" for button in buttons)


def _words(button):
    choices = " / ".join(choice.label for choice in button.choices)
    return f"{button.label} {choices}".rstrip()


def page():
    """Return the whole page."""
    alerts = {f"{book}, {language}": sample(book, language) for book in Book for language in Language}
    others = {
        f"{title}, {language}": text_of(letter) for language in Language for title, letter in letters(language).items()
    }
    parts = (f"\n## {title}\n\n```text\n{text.rstrip()}\n```\n" for title, text in (alerts | others).items())
    return HEAD + "".join(parts)


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
