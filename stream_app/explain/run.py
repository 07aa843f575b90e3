"""One explanation, from what is asked to what is printed."""

import sys
import time
from zoneinfo import ZoneInfo

from msgspec import Struct

from stream_app.codec.erasures import ErasuresError
from stream_app.core.events import Micros
from stream_app.core.language import Language
from stream_app.explain import of_files, of_topics
from stream_app.explain.answer import since as later
from stream_app.explain.document import document, not_known
from stream_app.explain.matches import matches
from stream_app.explain.of_files import Written
from stream_app.explain.page import page, unknown
from stream_app.explain.speaker import Speaker
from stream_app.explain.story import Story
from stream_app.explain.timeline import timeline
from stream_app.inputs import Files
from stream_app.outputs import EXIT_NOBODY_READS, leave_stdout
from stream_app.progress import Progress, bar
from stream_app.replay import EXIT_INTERRUPTED
from stream_app.settings import Settings


class Asked(Struct, frozen=True, kw_only=True):
    """What is asked: of whom, out of which files (none: out of the topics), since when, in which language."""

    name: str
    files: Files
    written: Written
    partitions: int
    until: Micros | None
    since: Micros | None
    language: Language | None

    @property
    def of_topics(self) -> bool:
        """Whether no file is named."""
        return not self.files.given and not self.written.given


def run(asked: Asked, settings: Settings, *, as_json: bool) -> int:
    """Print the explanation and return the exit code: 1 nobody of this name, or something cannot be read; as replay.

    Raises ClusterError.
    """
    if (problem := _wrong_usage(asked)) is not None:
        return _fail(problem, 2)
    try:
        with bar() as progress:
            story = _story(asked, settings, time.time_ns() // 1_000, progress)
        sys.stdout.write(explained(story, speaker_of(settings, asked.language, story.now), asked.since, as_json))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        leave_stdout()
        return EXIT_NOBODY_READS
    except (OSError, ErasuresError) as error:
        return _fail(str(error), 1)
    return 0 if story.known else 1


def speaker_of(settings: Settings, language: Language | None, now: Micros) -> Speaker:
    """Return who tells it."""
    return Speaker(
        language=language or settings.notify.language,
        zone=ZoneInfo(settings.hours.timezone),
        now=now,
        rules=settings.rule_set(),
        notify=settings.notify_rules(),
    )


def explained(story: Story, speaker: Speaker, since: Micros | None, as_json: bool) -> str:
    """Return the explanation as it is printed."""
    if not story.known:
        said = unknown(story, speaker)
        return (not_known(story, said) if as_json else said) + "\n"
    matched = matches(story, speaker.notify)
    if since is not None:
        story, matched = later(story, since), tuple(one for one in matched if one.latest >= since)
    entries = timeline(story, matched, speaker)
    if as_json:
        return document(story, matched, entries, speaker) + "\n"
    return page(story, matched, entries, speaker, since)


def _story(asked: Asked, settings: Settings, now: Micros, progress: Progress) -> Story:
    if asked.of_topics:
        return of_topics.story_of(asked.name, settings, settings.rule_set(), now, progress)
    return of_files.story_of(
        asked.name,
        asked.files,
        asked.written,
        settings.rule_set(),
        settings.notify_rules(),
        partitions=asked.partitions,
        until=asked.until,
        now_ms=now // 1_000,
        progress=progress,
    )


def _wrong_usage(asked: Asked) -> str | None:
    try:
        asked.files.sources  # noqa: B018  (says whether they can be read)
    except ValueError as error:
        return str(error)
    if asked.until is not None and asked.of_topics:
        return "--until goes with files: in topics it is now"
    return None


def _fail(problem: str, exit_code: int) -> int:
    sys.stderr.write(f"stream-app explain: {problem}\n")
    return exit_code
