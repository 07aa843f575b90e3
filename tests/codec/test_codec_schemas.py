"""The published schemas say what the decoder does."""

import json
import re
from pathlib import Path
from zoneinfo import available_timezones

import jsonschema_rs
import pytest
import yaml
from codec_documents import as_bytes, changed, sound
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from stream_app.codec import DecodeError, decode_value
from stream_app.codec.schemas import MESSAGES, asyncapi, documents, json_schema, write
from stream_app.formats.money import CURRENCIES
from stream_app.settings.sections import Topics
from stream_app.topics import ALERT_TOPICS, InputTopic

SCHEMAS = Path(__file__).parents[2] / "schemas"
MESSAGE_OF = {
    InputTopic.PAGE_VIEWS: "page-view",
    InputTopic.PURCHASES: "purchase",
    InputTopic.CUSTOMERS: "customer",
    InputTopic.INTERACTIONS: "interaction",
    InputTopic.TICKS: "time-passed",
}
VALIDATORS = {
    topic: jsonschema_rs.validator_for(json_schema(message), validate_formats=True)
    for topic, message in MESSAGE_OF.items()
}
TOPICS = st.sampled_from(InputTopic)
ZONES = available_timezones()
WHOLE_NUMBERS = ("seats", "seats_used", "score", "schema_version")
ROUNDED_UP = "9998-12-31T23:59:59.9999999Z"
NO_TIME = -1


def decodes(topic, document):
    try:
        decode_value(topic, as_bytes(document), NO_TIME)
    except DecodeError:
        return False
    return True


def unknown(text, known):
    return isinstance(text, str) and text not in known


def beyond_schema(document):
    """Whether the two may differ: all there is that a schema cannot say or that the decoder lets pass besides."""
    return (
        # Stricter: which currencies and time zones there are, that 1.0 is not a whole number, and that the last tenth
        # of a microsecond of the year 9998 rounds into the next, which is out of range.
        unknown(document.get("currency"), CURRENCIES)
        or unknown(document.get("timezone"), ZONES)
        or any(isinstance(value := document.get(field), float) and value.is_integer() for field in WHOLE_NUMBERS)
        or document.get("occurred_at") == ROUNDED_UP
        # Looser: a blank for the T and an offset without a colon, which RFC 3339 does not want.
        or re.search(r"^.{10} |[+-]\d{4}$", str(document.get("occurred_at"))) is not None
    )


def test_committed_files_are_the_generated_ones():
    """What stands in `schemas/` is what the wire types say; `python -m stream_app.codec.schemas` writes it."""
    assert documents() == {path.name: path.read_bytes() for path in SCHEMAS.iterdir()}


def test_files_are_written(tmp_path):
    """The command makes the directory and every file."""
    write(tmp_path / "new")
    assert documents() == {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}


@pytest.mark.parametrize("message", MESSAGES)
def test_schema_is_sound(message):
    """Each is a valid JSON Schema 2020-12 with an id of its own that does not change with the code."""
    schema = json_schema(message)
    jsonschema_rs.meta.validate(schema)
    assert schema["$id"] == f"urn:stream-app:schema:{message}:1"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("message", MESSAGES)
def test_patterns_are_for_every_language(message):
    """No pattern uses what only Python or only some engines know."""
    patterns = re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', json.dumps(json_schema(message)))
    assert [] == [pattern for pattern in patterns if re.search(r"\\\\[AZzdswb]|\(\?[^:]", pattern)]


@settings(max_examples=100, deadline=None)
@given(data=st.data(), topic=TOPICS)
def test_sound_documents_are_accepted_by_both(data, topic):
    """What the fields' own strategies make is valid for the schema and decoded."""
    document = data.draw(sound(topic))
    assert (True, True) == (VALIDATORS[topic].is_valid(document), decodes(topic, document))


@settings(max_examples=250, deadline=None)
@given(data=st.data(), topic=TOPICS)
def test_changed_documents_get_one_verdict(data, topic):
    """Whatever is changed in a document, schema and decoder agree whether it is valid."""
    document = data.draw(changed(topic))
    assume(not beyond_schema(document))
    assert VALIDATORS[topic].is_valid(document) == decodes(topic, document)


@pytest.mark.parametrize("topic", InputTopic)
@settings(max_examples=20, deadline=None)
@example(document=[])
@example(document=None)
@example(document="page")
@given(document=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_what_is_no_object_is_refused_by_both(topic, document):
    """Only an object is a message."""
    assert (False, False) == (VALIDATORS[topic].is_valid(document), decodes(topic, document))


@pytest.mark.parametrize(
    ("topic", "field", "value", "schema_says", "decoder_says"),
    [
        (InputTopic.PURCHASES, "currency", "ZZZ", True, False),
        (InputTopic.CUSTOMERS, "timezone", "Asia/Edo", True, False),
        (InputTopic.CUSTOMERS, "seats", 1.0, True, False),
        (InputTopic.CUSTOMERS, "occurred_at", ROUNDED_UP, True, False),
        (InputTopic.CUSTOMERS, "occurred_at", "2024-05-06 07:08:09Z", False, True),
        (InputTopic.CUSTOMERS, "occurred_at", "2024-05-06T07:08:09+0900", False, True),
    ],
)
def test_known_differences(topic, field, value, schema_says, decoder_says):
    """These few differ, knowingly; one that no longer does must leave the list."""
    moment = "2024-05-06T07:08:09Z"
    document = {"event_id": "e", "customer_id": "c", "occurred_at": moment, "amount": 1, "currency": "JPY"}
    document[field] = value
    assert (schema_says, decoder_says) == (VALIDATORS[topic].is_valid(document), decodes(topic, document))


def test_asyncapi_names_every_topic_and_only_files_that_exist():
    """Each channel has its topic and cleanup; payloads point to schemas that are there."""
    document = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text())
    assert asyncapi() == document
    payloads = {message["payload"]["$ref"] for message in document["components"]["messages"].values()}
    assert {f"./{path.name}" for path in SCHEMAS.glob("*.json")} == payloads
    cleanup = {
        name: channel["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"]
        for name, channel in document["channels"].items()
    }
    assert {"customers", "erasures"} == {name for name, policy in cleanup.items() if policy == ["compact"]}
    assert {*InputTopic, *ALERT_TOPICS.values()} | {
        "alert-resolutions",
        "segment-changes",
        "signal-fates",
        "account-views",
        "erasures",
        "dead-letters",
        "deliveries",
        "cs-feedback",
    } == set(cleanup)


def test_asyncapi_has_the_partitions_of_the_settings():
    """The document shows topics as they are made when nobody says otherwise."""
    kafka = asyncapi()["channels"]["page-views"]["bindings"]["kafka"]
    settings = Topics()
    assert (settings.partitions, [settings.retention // 1000]) == (
        kafka["partitions"],
        [kafka["topicConfiguration"]["retention.ms"]],
    )
