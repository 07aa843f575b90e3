"""What remains of somebody who was erased, where and for how long: as the topics of the cluster are set."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from stream_app.cluster import TopicState
from stream_app.core.events import DAY, HOUR
from stream_app.settings import Settings
from stream_app.topics import InputTopic, OutputTopic, Worker

_MILLISECONDS = 1_000


def remains(settings: Settings, states: Iterable[TopicState]) -> Iterator[tuple[str, str]]:
    """Yield where something remains, and for how long or until what."""
    by_age: defaultdict[int, list[str]] = defaultdict(list)
    for state in states:
        if state.exists and state.spec.cleanup == "delete" and state.spec.name != settings.topic(InputTopic.TICKS):
            by_age[int(state.configs.get("retention.ms") or state.spec.configs["retention.ms"])].append(state.spec.name)
    for age, names in sorted(by_age.items(), key=lambda one: one[0] if one[0] >= 0 else 2**63):
        yield ", ".join(names), _span(age)
    compacted = [settings.topic(InputTopic.CUSTOMERS), *(settings.changelog(worker) for worker in Worker)]
    yield ", ".join(compacted), "until Kafka compacts what stood there before"
    yield (
        settings.topic(OutputTopic.ERASURES),
        "a salted hash and offsets, for ever: no replay brings them back",
    )


def _span(milliseconds: int) -> str:
    if milliseconds < 0:
        return "for ever: this topic is set so"
    micros = milliseconds * _MILLISECONDS
    return f"{micros / DAY:g} days" if micros >= DAY else f"{micros / HOUR:g} hours"
