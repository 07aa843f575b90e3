"""Topics as data: what each keeps and for how long."""

import pytest

from stream_app.core.alerts import Intent
from stream_app.core.events import DAY
from stream_app.topics import (
    ALERT_TOPICS,
    InputTopic,
    NotifyTopic,
    OutputTopic,
    Worker,
    topic_name,
    topic_specs,
)

GROUPS = {Worker.DETECT: "g", Worker.NOTIFY: "n"}
CHANGELOGS = ["g-customer-state-changelog", "n-state-changelog"]
DAYS_MS = 24 * 60 * 60 * 1000


@pytest.fixture
def specs():
    """All topics under a prefix, by name."""
    found = topic_specs(prefix="acme.", groups=GROUPS, partitions=6, replication_factor=3, retention=5 * DAY)
    return {spec.name: spec for spec in found}


def test_every_topic_is_there_once_under_the_prefix_and_the_changelogs_under_their_groups(specs):
    assert [*(f"acme.{topic}" for topic in (*InputTopic, *OutputTopic, *NotifyTopic)), *CHANGELOGS] == list(specs)


def test_every_intent_has_a_topic_of_its_own():
    assert (set(Intent), len(Intent)) == (set(ALERT_TOPICS), len(set(ALERT_TOPICS.values())))


@pytest.mark.parametrize(
    ("topic", "days"),
    [
        (InputTopic.PAGE_VIEWS, 5),
        (InputTopic.PURCHASES, 5),
        (InputTopic.INTERACTIONS, 5),
        (InputTopic.TICKS, 1),
        (OutputTopic.CHURN, 30),
        (OutputTopic.SUPPORT, 30),
        (OutputTopic.LOYALTY, 30),
        (OutputTopic.OPS, 30),
        (OutputTopic.RESOLUTIONS, 30),
        (OutputTopic.SEGMENT_CHANGES, 365),
        (OutputTopic.FATES, 30),
        (OutputTopic.ACCOUNT_VIEWS, 7),
        (OutputTopic.DEAD_LETTERS, 7),
        (NotifyTopic.QUEUE, 30),
        (NotifyTopic.DELIVERIES, 90),
        (NotifyTopic.FEEDBACK, 365),
    ],
)
def test_kept_for_days(specs, topic, days):
    configs = specs[topic_name(topic, "acme.")].configs

    assert ("delete", str(days * DAYS_MS)) == (configs["cleanup.policy"], configs["retention.ms"])


def test_profiles_are_compacted_and_an_erasure_stays_to_be_read(specs):
    configs = specs["acme.customers"].configs

    assert ("compact", str(7 * DAYS_MS)) == (configs["cleanup.policy"], configs["delete.retention.ms"])


def test_erasures_are_compacted_and_kept_for_ever(specs):
    configs = specs["acme.erasures"].configs

    assert ("compact", "-1") == (configs["cleanup.policy"], configs["retention.ms"])


def test_inputs_carry_the_broker_s_time(specs):
    stamped = {name for name, spec in specs.items() if spec.configs.get("message.timestamp.type") == "LogAppendTime"}

    assert {f"acme.{topic}" for topic in InputTopic} == stamped


@pytest.mark.parametrize("changelog", CHANGELOGS)
def test_changelog_is_compacted_soon_but_not_within_a_day(specs, changelog):
    expected = {
        "cleanup.policy": "compact",
        "segment.ms": "3600000",
        "segment.bytes": "104857600",
        "min.cleanable.dirty.ratio": "0.1",
        "min.compaction.lag.ms": str(DAYS_MS),
    }

    assert expected == {key: specs[changelog].configs[key] for key in expected}


def test_what_a_worker_reads_together_is_aligned_and_nothing_else(specs):
    detect, notify = CHANGELOGS
    heard = (*ALERT_TOPICS.values(), OutputTopic.RESOLUTIONS, OutputTopic.FATES, OutputTopic.ACCOUNT_VIEWS)
    accounts = (*heard, NotifyTopic.QUEUE, NotifyTopic.FEEDBACK)
    rest = (OutputTopic.SEGMENT_CHANGES, OutputTopic.DEAD_LETTERS, NotifyTopic.DELIVERIES)

    assert {
        Worker.DETECT: {*(f"acme.{topic}" for topic in (*InputTopic, OutputTopic.ERASURES)), detect},
        Worker.NOTIFY: {*(f"acme.{topic}" for topic in accounts), notify},
        None: {f"acme.{topic}" for topic in rest},
    } == {group: {name for name, spec in specs.items() if spec.aligned is group} for group in (*Worker, None)}


def test_a_worker_uses_what_it_reads_and_writes(specs):
    detect, notify = CHANGELOGS
    both = {f"acme.{topic}" for topic in (InputTopic.INTERACTIONS, *OutputTopic)} - {"acme.segment-changes"}

    assert {
        Worker.DETECT: {*(f"acme.{topic}" for topic in (*InputTopic, OutputTopic.SEGMENT_CHANGES)), *both, detect},
        Worker.NOTIFY: {*(f"acme.{topic}" for topic in NotifyTopic), *both, notify},
    } == {worker: {name for name, spec in specs.items() if worker in spec.used_by} for worker in Worker}


def test_a_rekeyed_input_has_a_topic_by_customer_in_its_place_and_its_source_any_partitions():
    """The internal one is kept as the input would be; a source is others', and ages."""
    rekey = (InputTopic.CUSTOMERS, InputTopic.PAGE_VIEWS)
    options = {"prefix": "acme.", "groups": GROUPS, "partitions": 6, "replication_factor": 1, "retention": 5 * DAY}
    plain = {spec.name: spec for spec in topic_specs(**options)}
    found = {spec.name: spec for spec in topic_specs(**options, rekey=rekey)}

    for topic in rekey:
        before, after, source = (
            names[name]
            for names, name in (
                (plain, f"acme.{topic}"),
                (found, f"acme.{topic}-by-customer"),
                (found, f"acme.{topic}"),
            )
        )
        assert (before.configs, before.used_by, before.aligned) == (after.configs, after.used_by, after.aligned)
        assert ("delete", "LogAppendTime") == (source.cleanup, source.configs["message.timestamp.type"])
        assert (before.used_by, None) == (source.used_by, source.aligned)
    assert {"acme.customers-by-customer", "acme.page-views-by-customer"} == found.keys() - plain.keys()


@pytest.mark.parametrize(("replicas", "in_sync"), [(1, "1"), (2, "1"), (3, "2")])
def test_a_write_outlives_the_loss_of_one_broker_where_there_are_three(replicas, in_sync):
    specs = topic_specs(prefix="", groups=GROUPS, partitions=1, replication_factor=replicas, retention=DAY)

    assert {in_sync} == {spec.configs["min.insync.replicas"] for spec in specs}
