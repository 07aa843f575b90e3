"""How the readings of a look at prices compare, a line each."""

from collections.abc import Iterator

from stream_app.core.alerts import Reading, Weighed
from stream_app.playbooks.placeholders import fill
from stream_app.render.catalogue import Catalogue
from stream_app.render.shown import MAX_ID, shown

SIGNS_SHOWN = 5


def compared(readings: tuple[Weighed, ...], words: Catalogue) -> tuple[str, ...]:
    """Return the leading reading, its runner-up and the rest, each with its share and what speaks for it."""
    return tuple(_lines(readings[: len(Reading)], words))


def named(reading: Weighed, words: Catalogue) -> str:
    """Return a reading with nothing beside it."""
    return words.reading[reading.reading]


def _lines(readings: tuple[Weighed, ...], words: Catalogue) -> Iterator[str]:
    texts = words.weighed
    for place, one in enumerate(readings):
        if place and not one.confidence:
            continue  # what nothing speaks for is nobody's runner-up
        template = (texts.leading, texts.runner_up, texts.other)[min(place, 2)]
        line = fill(template, {"reading": named(one, words), "percent": f"{one.confidence * 100:.0f}"})
        because = words.between_times.join(_word(each, words) for each in one.because[:SIGNS_SHOWN])
        yield fill(texts.because, {"line": line, "because": because}) if because else line


def _word(sign: str, words: Catalogue) -> str:
    return words.sign.get(sign) or words.seen.get(sign) or shown(sign, MAX_ID)
