"""One alert, told in the reader's language: the whole message on one page."""

from zoneinfo import ZoneInfo

from msgspec import structs

from stream_app.core.events import Micros
from stream_app.core.language import Language
from stream_app.playbooks import Book, Playbook, Playbooks, book_of
from stream_app.playbooks.placeholders import fill
from stream_app.render.catalogue import Catalogue, catalogue
from stream_app.render.draft import Names, draft_language, write
from stream_app.render.links import LinkTemplates, links
from stream_app.render.message import Draft, Ids, Message, Option, Titles
from stream_app.render.seen import judged, read_before, seen_lines
from stream_app.render.shown import MAX_ADDRESS, MAX_NAME, MAX_REASON, shown
from stream_app.render.weighed import compared
from stream_app.render.when import told_zone
from stream_app.render.who import AnyAlert, Customer, Sender, customer_of, facts


def render(
    alert: AnyAlert,
    *,
    language: Language,
    zone: ZoneInfo,
    now: Micros,
    playbooks: Playbooks,
    sender: Sender | None = None,
    link_templates: LinkTemplates = LinkTemplates(),  # noqa: B008  (a frozen value)
) -> Message:
    """Return what is said of an alert to a reader of this language and zone.

    `sender` signs the draft; without one the customer's owner does. The draft is in the customer's language.
    """
    words, name = catalogue(language), _book(alert)
    book = playbooks[name, language]
    customer = customer_of(alert)
    signed = _clean(sender or Sender(email=customer.owner))
    draft = _draft(alert, customer, signed, language, name, playbooks)
    seen, more = seen_lines(alert.evidence, zone, now, words)
    ids = _ids(alert)
    return Message(
        ids=ids,
        intent=alert.intent,
        severity=alert.severity,
        polarity=alert.polarity,
        occurred_at=alert.occurred_at,
        language=language,
        titles=_titles(words, language, draft.language if draft else language, zone),
        heading=heading(alert, words),
        headline=book.headline,
        who=facts(alert, customer, signed, zone, now, words),
        happened=happened(alert, words),
        seen=seen or (judged(alert.occurred_at, zone, now, words),),
        more=more,
        read_before=read_before(alert.preceded_by, words),
        meaning=book.meaning,
        how_sure=book.how_sure.get(alert.rule_id, ""),
        readings=compared(alert.readings, words),
        options=_options(book, words),
        draft=draft,
        links=links(link_templates, ids, words),
    )


def happened(alert: AnyAlert, words: Catalogue) -> str:
    """Return what happened in a sentence; that of a rule that is not known here is its own."""
    return words.happened.get(alert.rule_id) or shown(alert.reason, MAX_REASON)


def heading(alert: AnyAlert, words: Catalogue) -> str:
    """Return in a line how urgent it is, whether a risk or a chance, and about whom."""
    kind = fill(words.polarity[alert.polarity], {"intent": words.intent[alert.intent]})
    if topic := words.topic.get(_book(alert)):
        kind = fill(words.with_topic, {"kind": kind, "topic": topic})
    values = {"urgency": words.urgency[alert.severity], "kind": kind, "who": customer_of(alert).called(words)}
    return fill(words.heading, values)


def _book(alert: AnyAlert) -> Book:
    onboarding = alert.standing is not None and alert.standing.onboarding
    return book_of(alert.rule_id, alert.intent, onboarding=onboarding)


def _ids(alert: AnyAlert) -> Ids:
    return Ids(
        alert_id=alert.alert_id,
        rule_id=alert.rule_id,
        customer_id=alert.customer_id,
        account_id=alert.account_id,
    )


def _clean(sender: Sender) -> Sender:
    return Sender(name=shown(sender.name, MAX_NAME), email=shown(sender.email, MAX_ADDRESS))


def _draft(
    alert: AnyAlert, customer: Customer, sender: Sender, reader: Language, name: Book, playbooks: Playbooks
) -> Draft | None:
    language = draft_language(alert.customer.language if alert.customer else "", reader)
    template = playbooks[name, language].draft
    if template is None or customer.of_site:
        return None
    names = Names(
        customer_name=customer.name,
        company=customer.company,
        owner_name=sender.name,
        owner_email=sender.email,
    )
    return write(template, names, language)


def _options(book: Playbook, words: Catalogue) -> tuple[Option, ...]:
    return tuple(
        Option(case=fill(words.label.case, {"case": one.case}), ask=one.ask, answer=one.answer) for one in book.options
    )


def _titles(words: Catalogue, reader: Language, draft: Language, zone: ZoneInfo) -> Titles:
    titles = structs.asdict(words.section)
    return Titles(
        who=words.section.who,
        happened=fill(words.section.happened, {"zone": told_zone(zone, words)}),
        meaning=words.section.meaning,
        how_sure=words.section.how_sure,
        options=words.section.options,
        draft=titles["draft" if draft is reader else f"draft_{draft}"],
        links=words.section.links,
        ask=words.label.ask,
        answer=words.label.answer,
        subject=words.label.subject,
        colon=words.colon,
        readings=words.weighed.caption,
    )
