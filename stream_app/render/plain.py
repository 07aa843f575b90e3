"""A message as plain text: for the console, for mail, and for the documentation."""

from collections.abc import Iterable, Iterator

from stream_app.render.message import Message, Seen


def plain(message: Message) -> str:
    """Return the whole message as lines of text, the last one ended too."""
    return "\n".join(lines(message)) + "\n"


def lines(message: Message) -> Iterator[str]:
    """Yield the lines, the heading first; some hold line breaks of their own."""
    titles, colon = message.titles, message.titles.colon
    yield from (message.heading, message.headline)
    yield from part(titles.who, (f"{fact.label}{colon}{fact.text}" for fact in message.who))
    yield from part(titles.happened, _happened(message))
    yield from part(titles.meaning, [message.meaning])
    yield from part(titles.how_sure, how_sure(message))
    yield from part(titles.options, _options(message))
    if message.draft is not None:
        yield from part(titles.draft, [f"{titles.subject}{colon}{message.draft.subject}", "", message.draft.body])
    yield from part(titles.links, (f"{link.label}{colon}{link.url}" for link in message.links))


def part(title: str, under: Iterable[str]) -> Iterator[str]:
    """Yield a part under its title, or nothing where there is nothing to say."""
    said = list(under)
    if any(said):
        yield from ("", f"■ {title}", *said)


def how_sure(message: Message) -> Iterator[str]:
    """Yield how sure it is: the sentence, and how the readings compare where there are several."""
    yield message.how_sure
    if message.readings:
        yield from (message.titles.readings, *(f"- {line}" for line in message.readings))


def _happened(message: Message) -> Iterator[str]:
    yield from filter(None, [message.happened])
    yield from map(_seen, message.seen)
    yield from (f"- {line}" for line in (message.more, message.read_before) if line)


def _seen(seen: Seen) -> str:
    return f"- {seen.when}  {'  '.join(filter(None, (seen.what, seen.where)))}"


def _options(message: Message) -> Iterator[str]:
    titles = message.titles
    for number, option in enumerate(message.options, 1):
        yield f"{number}. {option.case}"
        yield f"   {titles.ask}{titles.colon}{option.ask}"
        yield f"   {titles.answer}{titles.colon}{option.answer}"
