"""The textbook Faust app on the benchmark's job: an agent per topic, JSON, a table write per event, all defaults."""

import os
from datetime import datetime
from decimal import Decimal

import faust
import msgspec

from stream_app.codec import alert_key, encode_alert, encode_fate
from stream_app.core.events import CustomerProfile, Interaction, InteractionKind, PageView, Profile, Purchase
from stream_app.core.pipeline import process
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState
from stream_app.topics import ALERT_TOPICS

PREFIX = os.environ["BENCH_PREFIX"]
PARTITIONS = int(os.environ["BENCH_PARTITIONS"])

app = faust.App(
    f"{PREFIX}textbook",
    broker=f"kafka://{os.environ['BENCH_BROKER']}",
    topic_partitions=PARTITIONS,
    datadir=os.environ["BENCH_DATA"],
)
rules = RuleSet()
states = app.Table("state", key_type=str, partitions=PARTITIONS)
fates = app.topic(f"{PREFIX}signal-fates", key_type=bytes, value_type=bytes)
alerts = {
    intent: app.topic(f"{PREFIX}{name}", key_type=bytes, value_type=bytes) for intent, name in ALERT_TOPICS.items()
}


def micros(text):
    return round(datetime.fromisoformat(text).timestamp() * 1_000_000)


def view(value):
    fields = ("event_id", "customer_id", "url", "title", "account_id", "user_agent")
    return PageView(occurred_at=micros(value["occurred_at"]), **{f: value[f] for f in fields if value.get(f)})


def purchase(value):
    fields = ("event_id", "customer_id", "currency", "kind", "order_id", "product_id", "plan", "campaign")
    given = {f: value[f] for f in fields if value.get(f)}
    return Purchase(occurred_at=micros(value["occurred_at"]), amount=Decimal(str(value["amount"])), **given)


def customer(value):
    at = micros(value["occurred_at"])
    given = {name: field for name, field in value.items() if name in Profile.__struct_fields__}
    profile = msgspec.convert({**given, "occurred_at": at}, Profile, strict=False)
    return CustomerProfile(customer_id=value["customer_id"], occurred_at=at, profile=profile)


def interaction(value):
    at = micros(value["occurred_at"])
    return Interaction(
        event_id=value["event_id"],
        customer_id=value["customer_id"],
        occurred_at=at,
        kind=InteractionKind(value["kind"]),
        ref=value.get("ref", ""),
        score=value.get("score"),
        touchpoints=value.get("touchpoints", {}),
    )


async def judge(event):
    stored = states.get(event.customer_id)
    state = msgspec.convert(stored, CustomerState) if stored else UNKNOWN_CUSTOMER
    outcome = process(event, state, rules)
    for alert in outcome.alerts:
        await alerts[alert.intent].send(key=alert_key(alert), value=encode_alert(alert, None))
    for held in outcome.suppressed:
        await fates.send(key=alert_key(held), value=encode_fate(held, None))
    states[event.customer_id] = msgspec.to_builtins(outcome.state)


def agent(name, read):
    topic = app.topic(f"{PREFIX}{name}", key_type=bytes)

    @app.agent(topic, name=name)
    async def consume(stream):
        async for value in stream:
            event = read(value)
            if event.customer_id:
                await judge(event)


agent("customers", customer)
agent("interactions", interaction)
agent("purchases", purchase)
agent("page-views", view)
