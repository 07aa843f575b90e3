"""A story out of the topics of the cluster, from the partitions that can hold who is asked about."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, suppress
from typing import Any

from aiokafka import TopicPartition
from msgspec import Struct
from msgspec.structs import replace

from stream_app.cluster import TopicState, describe_topics
from stream_app.codec import DecodeError, decode_alert, decode_resolution
from stream_app.codec.notify import decode_delivery, decode_fate, decode_feedback
from stream_app.core.events import CustomerProfile, Micros, PageView
from stream_app.core.notify.message import Stage
from stream_app.core.rule_set import RuleSet
from stream_app.deliveries import InHand, in_hand
from stream_app.explain.aside import Aside, account_of
from stream_app.explain.judged import Judged
from stream_app.explain.said import Records, in_place_of, said_of, written_of
from stream_app.explain.story import About, Person, Story, Waiting
from stream_app.partitioners import Partitioner, partition_of, partitioners
from stream_app.progress import Progress
from stream_app.recorded import erasures, recorded, records_of
from stream_app.settings import Settings
from stream_app.topics import ALERT_TOPICS, RECORDED, InputTopic, NotifyTopic, OutputTopic, Topic, Worker

_DECODERS: dict[Topic, Callable[[bytes | None], object]] = {
    **dict.fromkeys(ALERT_TOPICS.values(), decode_alert),
    OutputTopic.FATES: decode_fate,
    OutputTopic.RESOLUTIONS: decode_resolution,
    NotifyTopic.DELIVERIES: decode_delivery,
    NotifyTopic.FEEDBACK: decode_feedback,
}
"""What stands on the topics that are keyed by account."""


class Ground(Struct, frozen=True, kw_only=True):
    """The cluster as it is: how many partitions a topic has, and what keys were hashed with."""

    settings: Settings
    partitions: dict[str, int]
    followed: dict[InputTopic, Partitioner]

    def inputs(self, customer_id: str | None) -> list[TopicPartition]:
        """Return where a customer's events can be; None: where anybody's can."""
        return [place for topic in RECORDED for place in self._input(topic, customer_id)]

    def keyed(self, topic: Topic, keys: Iterable[str]) -> set[TopicPartition]:
        """Return where our own records with these keys are."""
        name = self.settings.topic(topic)
        count = self.partitions.get(name, 0)
        if not count:
            return set()
        return {TopicPartition(name, partition_of(key.encode(), count, Partitioner.MURMUR2)) for key in keys}

    def _input(self, topic: InputTopic, customer_id: str | None) -> Iterator[TopicPartition]:
        name = self.settings.topic(topic)
        count = self.partitions.get(name, 0)
        hashed = self.followed.get(topic, Partitioner.UNKNOWN)
        if customer_id is None or hashed not in (Partitioner.MURMUR2, Partitioner.CRC32):
            return (TopicPartition(name, number) for number in range(count))
        return iter([TopicPartition(name, partition_of(customer_id.encode(), count, hashed))])


def story_of(sought: str, settings: Settings, rules: RuleSet, now: Micros, progress: Progress) -> Story:
    """Return the story of a customer or account; raises ClusterError."""
    ground, erased = asyncio.run(_ground(settings)), erasures(settings)
    most = max(ground.partitions.values(), default=1)
    with Aside(sought, most, erased) as aside:
        _put_aside(ground, aside, sought, progress)
        if aside.is_customer:
            return _story(ground, aside, rules, now, progress)
    with Aside(sought, most, erased) as aside:  # no customer is called so: an account's people may be anywhere
        _put_aside(ground, aside, None, progress)
        return _story(ground, aside, rules, now, progress)


async def _ground(settings: Settings) -> Ground:
    states: Sequence[TopicState] = await describe_topics(settings)
    return Ground(
        settings=settings,
        partitions={state.spec.name: state.partitions for state in states if state.exists},
        followed=await partitioners(settings, states),
    )


def _put_aside(ground: Ground, aside: Aside, customer_id: str | None, progress: Progress) -> None:
    for one in recorded(ground.settings, progress, ground.inputs(customer_id) or None):
        aside.put(one.topic, one.partition, one.item, one.offset)


def _story(ground: Ground, aside: Aside, rules: RuleSet, now: Micros, progress: Progress) -> Story:
    judged = Judged(rules, aside.people)
    judged.judge(aside.partitions_of_people(), aside.kept, now - rules.policy.lateness, progress)
    keys = {aside.sought, *(key for one in judged.people for key in (one.customer_id, *_accounts(one)))}
    records = asyncio.run(_records(ground, keys))
    happenings = in_place_of(records.without(aside.erased), ())
    people = judged.people or written_of(aside.sought, happenings)
    names = frozenset(one.customer_id for one in people)
    said = said_of(names, aside.sought, happenings, records, records.deliveries or (), now)
    waiting = asyncio.run(_waiting(ground, {alert.alert_id for alert in said.alerts}))
    return Story(
        sought=aside.sought,
        about=About.ACCOUNT if names and aside.sought not in names else About.CUSTOMER,
        now=now,
        people=people,
        said=replace(said, waiting=waiting),
        anonymous=aside.anonymous,
        erased=aside.erased.holds(aside.sought),
    )


def _accounts(person: Person) -> Iterator[str]:
    """Yield all accounts that somebody was ever seen in."""
    for one in person.happened:
        if isinstance(one.event, PageView | CustomerProfile) and (account_id := account_of(one.event)):
            yield account_id


async def _records(ground: Ground, keys: set[str]) -> Records:
    """Read what was written under these keys; what cannot be read is left out."""
    topics = {ground.settings.topic(topic): topic for topic in _DECODERS}
    wanted, found = {key.encode() for key in keys}, defaultdict[Topic, list[Any]](list)
    places = [place for topic in _DECODERS for place in ground.keyed(topic, keys)]
    async with aclosing(records_of(ground.settings, places)) as batches:
        async for records in batches:
            for record in records:
                if record.key in wanted:
                    with suppress(DecodeError):
                        found[topics[record.topic]].append(_DECODERS[topics[record.topic]](record.value))
    return Records(
        alerts=tuple(alert for topic in ALERT_TOPICS.values() for alert in found[topic]),
        held=tuple(found[OutputTopic.FATES]),
        resolutions=tuple(found[OutputTopic.RESOLUTIONS]),
        deliveries=tuple(found[NotifyTopic.DELIVERIES]),
        feedback=tuple(found[NotifyTopic.FEEDBACK]),
    )


async def _waiting(ground: Ground, ids: set[str]) -> tuple[Waiting, ...]:
    """Return what notify has in hand of these alerts."""
    if not ids or ground.settings.changelog(Worker.NOTIFY) not in ground.partitions:
        return ()
    return tuple([one async for each in in_hand(ground.settings) for one in _of_message(each, ids)])


def _of_message(each: InHand, ids: set[str]) -> Iterator[Waiting]:
    message = each.message
    for alert_id in message.unsaid:
        if alert_id in ids:
            yield Waiting(
                alert_id=alert_id,
                target=each.target,
                at=message.send_at if message.stage in (Stage.HELD, Stage.DIGEST) else None,
                in_digest=message.stage is Stage.DIGEST,
                parked=each.why,
            )
