"""One line after the other: what people did, what was found, who was told, what they said of it."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from stream_app.core.events import CustomerProfile, Interaction, Micros, PageView, Profile, Purchase
from stream_app.core.pages import Page, PageCategory
from stream_app.core.pipeline import Verdict
from stream_app.explain.matches import Alerted, Matched
from stream_app.explain.speaker import Speaker
from stream_app.explain.story import Happened, Story
from stream_app.playbooks.placeholders import fill
from stream_app.render.money import amount
from stream_app.render.seen import address
from stream_app.render.shown import MAX_ID, MAX_NAME, MAX_TITLE, shown


class Kind(StrEnum):
    """What a line tells of."""

    VIEW = "view"
    PURCHASE = "purchase"
    INTERACTION = "interaction"
    PROFILE = "profile"
    ALERT = "alert"
    HELD_BACK = "held_back"
    OVER = "over"
    FEEDBACK = "feedback"


class Entry(Struct, frozen=True, kw_only=True):
    """A line: when, of whom (empty: of the account), what, in words. `times`, `until`: of views that were folded."""

    at: Micros
    customer_id: str
    kind: Kind
    text: str
    verdict: Verdict | None = None
    times: int = 1
    until: Micros | None = None
    id: str = ""  # of the event, alert or match


_ORDER = {kind: place for place, kind in enumerate(Kind)}


def timeline(story: Story, matched: Iterable[Matched], speaker: Speaker) -> tuple[Entry, ...]:
    """Return all lines, by time."""
    entries = [
        *(entry for one in story.people for entry in _did(one.happened, speaker)),
        *(_found(one, speaker) for one in matched),
        *_after(story, speaker),
    ]
    return tuple(sorted(entries, key=lambda one: (one.at, _ORDER[one.kind])))


def folded(happened: Iterable[Happened]) -> Iterator[list[Happened]]:
    """Yield what somebody did, views of one page in a row together; of pages that do not matter any."""
    run: list[Happened] = []
    for one in happened:
        if run and _same(run[-1], one):
            run.append(one)
            continue
        if run:
            yield run
        run = [one]
    if run:
        yield run


def _same(one: Happened, other: Happened) -> bool:
    if one.page is None or other.page is None or (one.verdict, one.ignored) != (other.verdict, other.ignored):
        return False
    both_other = one.page.category is other.page.category is PageCategory.OTHER
    return both_other or one.page.identity == other.page.identity


def _did(happened: Iterable[Happened], speaker: Speaker) -> Iterator[Entry]:
    for run in folded(happened):
        first, last = run[0], run[-1]
        text = _marked(_text(first, speaker), first, speaker)
        if len(run) > 1:
            values = {"line": text, "count": str(len(run)), "until": speaker.time(last.event.occurred_at)}
            text = fill(speaker.words.did.times, values)
        yield Entry(
            at=first.event.occurred_at,
            customer_id=first.event.customer_id,
            kind=_kind(first),
            text=text,
            verdict=first.verdict,
            times=len(run),
            until=last.event.occurred_at if len(run) > 1 else None,
            id=getattr(first.event, "event_id", ""),
        )


def _kind(happened: Happened) -> Kind:
    match happened.event:
        case PageView():
            return Kind.VIEW
        case Purchase():
            return Kind.PURCHASE
        case Interaction():
            return Kind.INTERACTION
        case CustomerProfile():
            return Kind.PROFILE


def _text(happened: Happened, speaker: Speaker) -> str:
    seen, event = speaker.catalogue.seen, happened.event
    match event:
        case PageView():
            assert happened.page is not None, "a view is of a page"
            return _view(event, happened.page, speaker)
        case Purchase():
            what = f"{seen[event.kind]} {amount(f'{event.amount:f}', event.currency)}"
            return " ".join(filter(None, (what, shown(event.plan or event.product_id, MAX_NAME))))
        case Interaction():
            score = str(event.score) if event.score is not None else ""
            return " ".join(filter(None, (seen[event.kind], score, shown(event.ref, MAX_ID))))
        case CustomerProfile(profile=profile):
            if profile is None:
                return speaker.words.did.forgotten
            return fill(speaker.words.did.profile, {"said": _profile(profile, speaker)})


def _view(view: PageView, page: Page, speaker: Speaker) -> str:
    catalogue, title = speaker.catalogue, shown(view.title, MAX_TITLE)
    named = f"{catalogue.before_title}{title}{catalogue.after_title}" if title else ""
    where = address(page.url)
    values = {"what": catalogue.seen[page.category] + named, "where": f"  {where}" if where else ""}
    return fill(speaker.words.did.view, values)


def _profile(profile: Profile, speaker: Speaker) -> str:
    tier = speaker.catalogue.tier[profile.tier] if profile.tier else ""
    stage = speaker.words.stage[profile.stage] if profile.stage else ""
    said = (profile.account_name or profile.account_id, profile.name, profile.owner, tier, stage, profile.plan)
    return speaker.catalogue.between_times.join(shown(one, MAX_NAME) for one in said if one)


def _marked(text: str, happened: Happened, speaker: Speaker) -> str:
    words = speaker.words
    match happened.verdict:
        case Verdict.USED:
            return text
        case Verdict.DUPLICATE:
            mark = words.not_used.duplicate
        case _:
            mark = words.ignored[happened.ignored] if happened.ignored else words.not_used.ignored
    return fill(words.did.marked, {"line": text, "mark": mark})


def _found(match: Matched, speaker: Speaker) -> Entry:
    if isinstance(match, Alerted):
        alert = match.alert
        kind, customer_id, id_ = Kind.ALERT, alert.customer_id, alert.alert_id
    else:
        kind, customer_id, id_ = Kind.HELD_BACK, match.held.customer_id, match.held.match_id
    return Entry(at=match.at, customer_id=customer_id, kind=kind, text=speaker.match(match), id=id_)


def _after(story: Story, speaker: Speaker) -> Iterator[Entry]:
    for over in story.said.resolutions:
        yield Entry(
            at=over.occurred_at,
            customer_id=over.customer_id,
            kind=Kind.OVER,
            text=speaker.over(over),
            id=over.alert_id,
        )
    for said in story.said.feedback:
        yield Entry(at=said.at, customer_id="", kind=Kind.FEEDBACK, text=speaker.feedback(said), id=said.case_id)
