"""Writes `schemas/`: a JSON Schema for every kind of message and an AsyncAPI document, from the wire types.

Run `python -m stream_app.codec.schemas [DIRECTORY]`. It needs PyYAML, which comes with the `dev` extra.
"""

import sys
from collections.abc import Mapping
from inspect import cleandoc
from pathlib import Path
from typing import TypeAlias

import msgspec
import orjson
import yaml

from stream_app.codec import alert_wire, erasures, notify_wire, wire
from stream_app.core.events import DAY
from stream_app.formats.money import Amount
from stream_app.topics import (
    ALERT_TOPICS,
    InputTopic,
    NotifyTopic,
    OutputTopic,
    Topic,
    TopicSpec,
    Worker,
    topic_specs,
)

Json: TypeAlias = dict[str, object]

MESSAGES: Mapping[str, type[msgspec.Struct]] = {
    "page-view": wire.WirePageView,
    "purchase": wire.WirePurchase,
    "customer": wire.WireCustomer,
    "interaction": wire.WireInteraction,
    "time-passed": wire.WireTimePassed,
    "alert": alert_wire.WireAlert,
    "fate": alert_wire.WireFate,
    "resolution": alert_wire.WireResolution,
    "segment-change": alert_wire.WireSegmentChange,
    "account-view": alert_wire.WireAccountView,
    "dead-letter": wire.WireDeadLetter,
    "erasure": erasures.WireErasure,
    "delivery": notify_wire.WireDelivery,
    "feedback": notify_wire.WireFeedback,
}
_OF_TOPIC: Mapping[Topic, str] = {
    InputTopic.PAGE_VIEWS: "page-view",
    InputTopic.PURCHASES: "purchase",
    InputTopic.CUSTOMERS: "customer",
    InputTopic.INTERACTIONS: "interaction",
    InputTopic.TICKS: "time-passed",
    **dict.fromkeys(ALERT_TOPICS.values(), "alert"),
    OutputTopic.FATES: "fate",
    OutputTopic.RESOLUTIONS: "resolution",
    OutputTopic.SEGMENT_CHANGES: "segment-change",
    OutputTopic.ACCOUNT_VIEWS: "account-view",
    OutputTopic.DEAD_LETTERS: "dead-letter",
    OutputTopic.ERASURES: "erasure",
    NotifyTopic.DELIVERIES: "delivery",
    NotifyTopic.FEEDBACK: "feedback",
}
_KEYS: Mapping[str, str] = {
    **dict.fromkeys(
        ("alert", "fate", "resolution", "delivery", "feedback"),
        "The account id, or the customer id where there is none; empty where it is of the site.",
    ),
    "account-view": "The account id.",
    "dead-letter": "The key that the record had.",
    "erasure": "The hash.",
    "time-passed": "",  # it is of a partition, of nobody in it
}
_PARTITIONS = 4  # as the settings have it unless told otherwise; so the two below
_REPLICATION_FACTOR = 1
_RETENTION = 7 * DAY
_DESCRIPTION = (
    "Page views, purchases, profiles and interactions in; alerts for customer success out, what became of them, "
    "what people made of them, and how customers move. Beside the messages described here, every input takes Segment's "
    "page events, Order Completed, Order Refunded and Order Cancelled."
)
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(message: str) -> Json:
    """Return the JSON Schema 2020-12 of a kind of message, named as in MESSAGES."""
    kind = MESSAGES[message]
    _, components = msgspec.json.schema_components([kind], schema_hook=_amount_schema, ref_template="#/$defs/{name}")
    root = components.pop(kind.__name__) | {"title": message}
    head = {"$schema": _DRAFT, "$id": f"urn:stream-app:schema:{message}:{wire.SCHEMA_VERSION}"}
    definitions = {"$defs": dict(sorted(components.items()))} if components else {}
    return {name: _tidied(part) for name, part in (head | root | definitions).items()}


def asyncapi() -> Json:
    """Return the AsyncAPI 3.0 document of all topics, under their names without a prefix."""
    specs = {spec.name: spec for spec in _specs()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "stream-app",
            "version": str(wire.SCHEMA_VERSION),
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.value: _channel(topic, specs[topic]) for topic in _OF_TOPIC},
        "operations": {f"{_action(topic)}-{topic}": _operation(topic) for topic in _OF_TOPIC},
        "components": {"messages": {message: _message(message) for message in MESSAGES}},
    }


def documents() -> dict[str, bytes]:
    """Return all files by name."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    schemas = {f"{message}.json": orjson.dumps(json_schema(message), option=options) for message in MESSAGES}
    text = yaml.safe_dump(asyncapi(), sort_keys=False, width=120, allow_unicode=True)
    return schemas | {"asyncapi.yaml": text.encode()}


def write(directory: Path) -> None:
    """Write all files into a directory, which is made if need be."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in documents().items():
        (directory / name).write_bytes(content)


def _amount_schema(kind: type) -> Json:
    if not issubclass(kind, Amount):
        raise NotImplementedError
    text = {"type": "string", "pattern": f"^(?:{kind.PATTERN})$"}
    return {"anyOf": [text, {"type": "number", **kind.BOUNDS}]}


def _tidied(schema: object) -> object:
    """Return a part of a schema without what msgspec adds or says in Python's words."""
    match schema:
        case list():
            return [_tidied(part) for part in schema]
        case dict():
            return {name: _tidied(part) for name, part in schema.items() if (name, part) != ("default", None)}
        case str() if schema.endswith(r"\Z"):
            return schema.removesuffix(r"\Z") + "$"
        case str():
            return cleandoc(schema)  # docstrings keep their indentation up to Python 3.12
    return schema


def _specs() -> tuple[TopicSpec, ...]:
    return topic_specs(
        prefix="",
        groups=dict.fromkeys(Worker, "stream-app"),
        partitions=_PARTITIONS,
        replication_factor=_REPLICATION_FACTOR,
        retention=_RETENTION,
    )


def _channel(topic: Topic, spec: TopicSpec) -> Json:
    message = _OF_TOPIC[topic]
    configs = {"cleanup.policy": [spec.cleanup], **_retention(spec)}
    kafka = {
        "topic": spec.name,
        "partitions": spec.partitions,
        "topicConfiguration": configs,
        "bindingVersion": "0.5.0",
    }
    return {
        "address": spec.name,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "bindings": {"kafka": kafka},
    }


def _retention(spec: TopicSpec) -> Json:
    names = ("retention.ms", "delete.retention.ms")
    return {name: int(spec.configs[name]) for name in names if name in spec.configs}


def _action(topic: Topic) -> str:
    return "receive" if isinstance(topic, InputTopic) else "send"


def _operation(topic: Topic) -> Json:
    return {"action": _action(topic), "channel": {"$ref": f"#/channels/{topic}"}}


def _message(message: str) -> Json:
    description = _KEYS.get(message, "The customer id.")
    key = {"key": {"type": "string", "description": description}} if description else {}
    return {
        "name": message,
        "payload": {"$ref": f"./{message}.json"},
        "bindings": {"kafka": {**key, "bindingVersion": "0.5.0"}},
    }


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "schemas"))
