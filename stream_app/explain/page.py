"""The whole explanation as text for people: the answer first."""

from collections import Counter
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from stream_app.core.alerts import Standing
from stream_app.core.events import NEVER, Micros
from stream_app.core.hypotheses import told as read_prices
from stream_app.core.pages import PageCategory
from stream_app.core.standing import standing_of
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.explain.ahead import closest, coming, untouched
from stream_app.explain.answer import Answer, Answered, answer
from stream_app.explain.matches import HeldBack, Matched
from stream_app.explain.speaker import Speaker
from stream_app.explain.story import About, Person, Story
from stream_app.explain.timeline import Entry
from stream_app.playbooks.placeholders import fill
from stream_app.render.message import Fact
from stream_app.render.shown import MAX_ADDRESS, MAX_ID, MAX_NAME, shown
from stream_app.render.stands import stands
from stream_app.render.weighed import compared
from stream_app.render.when import told_renewal, told_zone

MATCHES_ANSWERED = 5
WANTS_SHOWN = 3


def page(
    story: Story, matched: tuple[Matched, ...], entries: tuple[Entry, ...], speaker: Speaker, since: Micros | None
) -> str:
    """Return it, every line with its end."""
    return "\n".join(_lines(story, matched, entries, speaker, since)) + "\n"


def unknown(story: Story, speaker: Speaker) -> str:
    """Return that nothing is known of a name, and why if that is known."""
    said = fill(speaker.words.unknown, {"name": shown(story.sought, MAX_ID)})
    return "\n".join((speaker.words.erased if story.erased else said, *_anonymous(story.anonymous, speaker)))


def answered(story: Story, given: Answer, speaker: Speaker) -> Iterator[str]:
    """Yield the answer, a sentence each."""
    words = speaker.words.answer
    yield fill(words[given.answered], {"count": str(given.count), "all": str(given.all)})
    alike: dict[object, list[Matched]] = {}
    for one in given.matched:
        key = (one.held.rule_id, one.held.reason) if isinstance(one, HeldBack) else one.alert.alert_id
        alike.setdefault(key, []).append(one)
    for those in list(alike.values())[:MATCHES_ANSWERED]:
        line = _line(those[0].at, speaker.match(those[0]), speaker)
        repeated = {"line": line, "count": str(len(those))}
        yield fill(speaker.words.match.repeated, repeated) if len(those) > 1 else line
    if (more := sum(map(len, list(alike.values())[MATCHES_ANSWERED:]))) > 0:
        yield fill(words["more"], {"count": str(more)})
    if story.erased:
        yield speaker.words.erased
    yield from _anonymous(story.anonymous, speaker)


def seen(story: Story, speaker: Speaker) -> str:
    """Return how often what kind of page was viewed, and what else happened."""
    counted: Counter[str] = Counter()
    for person in story.people:
        for one in person.happened:
            if one.page is not None:
                counted[one.page.category] += 1
            elif kind := getattr(one.event, "kind", ""):
                counted[kind] += 1
    order = sorted(counted, key=lambda one: (one == PageCategory.OTHER, -counted[one]))
    times = speaker.catalogue.seen["times"]
    return speaker.catalogue.between_times.join(
        speaker.catalogue.seen[one] + fill(times, {"count": str(counted[one])}) for one in order
    )


def nearest(person: Person, speaker: Speaker) -> Iterator[str]:
    """Yield what the closest rules still wanted of a person; who viewed no page that matters, what one would do."""
    if person.wanted:
        yield from (speaker.want(one) for one in closest(person.wanted)[:WANTS_SHOWN])
    elif not person.state.views:
        for one in untouched(person.customer_id, person.state, speaker.rules, speaker.now)[:1]:
            yield fill(speaker.words.want.untouched, {"line": speaker.want(one)})


def stand(person: Person, speaker: Speaker) -> Iterator[str]:
    """Yield how a person stands, a fact each."""
    state, rules, words = person.state, speaker.rules, speaker.words.stands
    if state is UNKNOWN_CUSTOMER:
        yield words.gone
        return
    yield from (f"{one.label}{speaker.catalogue.colon}{one.text}" for one in _facts(person, speaker))
    if (tale := read_prices(state, rules.tuning, rules.pages, rules.days)) is not None:
        readings = speaker.words.between.join(compared(tale.readings, speaker.catalogue))
        yield f"{words.readings}{speaker.catalogue.colon}{readings}"
    for matter in sorted(state.matters.values(), key=lambda one: one.occurred_at):
        times = {"since": speaker.time(matter.opened_at), "until": speaker.time(matter.expires_at)}
        yield fill(words.open, {"happened": speaker.happened(matter.rule_id), "rule": matter.rule_id, **times})
    if state.due != NEVER:
        yield fill(words.next, {"time": speaker.time(max(state.due, speaker.now))})
    yield from (speaker.coming(one) for one in coming(person.customer_id, state, rules, speaker.now))


def standing(person: Person, speaker: Speaker) -> Standing:
    """Return how a person stands now."""
    return standing_of(person.state, speaker.now, speaker.rules.tuning, speaker.rules.days)


def _lines(
    story: Story, matched: tuple[Matched, ...], entries: tuple[Entry, ...], speaker: Speaker, since: Micros | None
) -> Iterator[str]:
    words, given = speaker.words, answer(story, matched)
    yield from _head(story, speaker, since)
    yield from _section(words.section.answer, answered(story, given, speaker))
    if given.answered in (Answered.NOTHING, Answered.HELD, Answered.NOT_COUNTED):
        yield from _section(words.section.seen, filter(None, (seen(story, speaker),)))
    if given.answered is Answered.NOTHING:
        near = [_of(one, text, story, speaker) for one in story.people for text in nearest(one, speaker)]
        yield from _section(words.section.closest, near)
        yield from _section(words.section.asleep, speaker.asleep())
    stands = (_of(one, text, story, speaker) for one in story.people for text in stand(one, speaker))
    yield from _section(words.section.stands, stands)
    lines = (_line(one.at, _whose(one, story, speaker), speaker) for one in entries)
    yield from _section(words.section.timeline, lines)


def _head(story: Story, speaker: Speaker, since: Micros | None) -> Iterator[str]:
    zone = told_zone(ZoneInfo(speaker.zone.key), speaker.catalogue)
    yield fill(speaker.words.heading, {"who": shown(story.sought, MAX_ID)})
    if since is None:
        yield fill(speaker.words.as_of, {"now": speaker.time(story.now), "zone": zone})
    else:
        times = {"now": speaker.time(story.now), "since": speaker.time(since)}
        yield fill(speaker.words.since, {**times, "zone": zone})


def _section(title: str, lines: "Iterator[str] | tuple[str, ...] | list[str] | filter[str]") -> Iterator[str]:
    said = list(lines)
    if said:
        yield from ("", f"■ {title}", *(f"- {line}" for line in said))


def _facts(person: Person, speaker: Speaker) -> Iterator[Fact]:
    profile, label, catalogue = person.state.profile, speaker.catalogue.label, speaker.catalogue
    if profile is None:
        yield Fact(label=label.name, text=speaker.words.stands.no_profile)
    else:
        rows = (
            (label.name, shown(profile.name, MAX_NAME)),
            (label.company, shown(profile.account_name or profile.account_id, MAX_NAME)),
            (label.owner, shown(profile.owner, MAX_ADDRESS)),
            (label.tier, catalogue.tier[profile.tier] if profile.tier else ""),
            (speaker.words.stands.stage, speaker.words.stage[profile.stage] if profile.stage else ""),
            (label.plan, shown(profile.plan, MAX_NAME)),
            (label.renewal, told_renewal(profile.renewal_date, speaker.zone, speaker.now, catalogue)),
        )
        yield from (Fact(label=name, text=text) for name, text in rows if text)
    yield from stands(standing(person, speaker), catalogue)


def _whose(entry: Entry, story: Story, speaker: Speaker) -> str:
    if story.about is About.CUSTOMER or not entry.customer_id:
        return entry.text
    return fill(speaker.words.of_person, {"who": shown(entry.customer_id, MAX_ID), "text": entry.text})


def _of(person: Person, text: str, story: Story, speaker: Speaker) -> str:
    if story.about is About.CUSTOMER:
        return text
    return fill(speaker.words.of_person, {"who": shown(person.customer_id, MAX_ID), "text": text})


def _line(at: Micros, text: str, speaker: Speaker) -> str:
    return fill(speaker.words.line, {"time": speaker.time(at), "text": text})


def _anonymous(count: int, speaker: Speaker) -> Iterator[str]:
    if count:
        yield fill(speaker.words.anonymous, {"count": str(count)})
