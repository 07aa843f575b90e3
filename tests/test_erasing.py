"""What the command says before and after, and how it ends; the whole of it on Kafka is in tests/faults."""

import pytest
import typer

from stream_app.cli import main
from stream_app.cluster import TopicState
from stream_app.core.erasure import Erasure
from stream_app.core.events import DAY
from stream_app.erasing import command
from stream_app.erasing.remains import remains
from stream_app.erasing.steps import Subject
from stream_app.settings import load

SETTINGS = load(environ={"STREAM_APP_TOPIC_PREFIX": "acme."})
ERASED = Erasure(hash="", salt="", erased_at=DAY, upto={"customers": {2: 7}, "page-views": {2: 40}})


def subject(*, known: bool, erased: Erasure | None = None) -> Subject:
    """Return customer c-1."""
    return Subject(customer_id="c-1", partition=2, known=known, erased=erased)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (subject(known=True), "c-1 (partition 2) has state."),
        (subject(known=False), "c-1 (partition 2) is nobody that detect knows."),
        (subject(known=True, erased=ERASED), "was erased at 1970-01-02T00:00:00+00:00, and there is new state since."),
        (
            subject(known=False, erased=ERASED),
            "was erased at 1970-01-02T00:00:00+00:00, and nothing new is known since.",
        ),
    ],
)
def test_it_says_who_is_about_to_be_erased(who, said):
    assert said in command._introduced(who)


def test_what_remains_is_what_the_topics_of_the_cluster_are_set_to():
    """Not what we would have created; ticks are nobody's."""
    states = [
        TopicState(spec=spec, partitions=4, configs={"retention.ms": "-1"} if "churn" in spec.name else {})
        for spec in SETTINGS.topic_specs()
    ]
    found = dict(remains(SETTINGS, states))
    assert {
        "acme.dead-letters": "7 days",
        "acme.cs-alerts-churn": "for ever: this topic is set so",
        "acme.erasures": "a salted hash and offsets, for ever: no replay brings them back",
    }.items() <= {name: how_long for names, how_long in found.items() for name in names.split(", ")}.items()
    named = {name for names in found for name in names.split(", ")}
    assert {spec.name for spec in SETTINGS.topic_specs()} - {"acme.ticks"} == named


@pytest.mark.parametrize(("texts", "said"), [(0, False), (3, True)])
def test_it_reports_offsets_and_texts_that_still_stand(texts, said):
    lines = list(command._report(SETTINGS, [], subject(known=True), ERASED, texts))
    assert {"  acme.customers[2] 7", "  acme.page-views[2] 40"} <= set(lines)
    assert said == any("3 texts in Slack or a CRM" in line for line in lines)


def test_ctrl_c_says_how_to_look_again(capsys):
    with pytest.raises(typer.Exit) as ended, command._interruptible("c-1"):
        raise KeyboardInterrupt
    assert (130, True) == (ended.value.exit_code, "stream-app erase c-1" in capsys.readouterr().err)


@pytest.mark.parametrize(("customer", "code"), [("", 2), ("a\x00b", 2), ("c-1", 1)])
def test_wrong_usage_and_no_broker_have_codes_of_their_own(customer, code, monkeypatch):
    monkeypatch.setenv("STREAM_APP_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert code == main(["erase", customer, "--yes"])
