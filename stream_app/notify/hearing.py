"""What people do with messages in Slack, written to where the worker that must know reads it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer

from stream_app.codec.notify import encode_feedback, encode_order
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.orders import Replied
from stream_app.core.people import People
from stream_app.notify.worker import Place
from stream_app.outbox import Outbox
from stream_app.settings import Settings
from stream_app.sinks.slack_buttons import Heard
from stream_app.sinks.slack_hearing import hearing


@asynccontextmanager
async def heard_in_slack(settings: Settings, place: Place) -> AsyncIterator[None]:
    """Hear for as long as the block runs; what was heard is acknowledged to Slack when Kafka has it.

    OSError if the endpoint's port is taken.
    """
    slack = settings.slack
    if not slack.app_token.get_secret_value() and not slack.signing_secret.get_secret_value():
        yield
        return
    people = settings.notify_rules().people
    async with AIOKafkaProducer(**place.options, acks="all", enable_idempotence=True) as producer:

        async def hear(heard: Heard) -> None:
            outbox = Outbox(lambda: producer, place.partitions)
            if heard.case_id:
                await write_feedback(feedback_of(heard, people), outbox, place)
                return
            # Whose thread it is only its desk knows, so every partition is told.
            replied = Replied(channel=heard.channel, thread=heard.thread_ts, by=_name(heard, people), at=heard.at)
            said = [(heard.channel.encode(), encode_order(replied))]
            for number in range(place.partitions[place.topics.queue]):
                await outbox.write(place.topics.queue, number, said)

        async with hearing(slack, hear):
            yield


async def write_feedback(feedback: Feedback, outbox: Outbox, place: Place) -> None:
    """Write what somebody did where the worker of its account reads it; it is safe when this returns."""
    outbox.add(place.topics.feedback, feedback.account.encode(), encode_feedback(feedback))
    await outbox.flush()
    await outbox.drain()


def feedback_of(heard: Heard, people: People) -> Feedback:
    """Return the press of a button as everybody reads it; the same press, told twice, has the same id."""
    return Feedback(
        feedback_id=f"slack-{heard.channel}-{heard.ts}-{heard.action}-{heard.by}-{heard.at}",
        case_id=heard.case_id,
        account=heard.account,
        action=heard.action,
        by=_name(heard, people),
        at=heard.at,
        alert_ids=(heard.alert_id,) if heard.alert_id else (),
        rule_id=heard.rule_id,
        channel=heard.channel,
    )


def _name(heard: Heard, people: People) -> str:
    """Return how the settings call who did it, else how Slack does."""
    known: Mapping[str, str] = {person.slack: person.name or person.email for person in people.values()}
    return known.get(heard.by) or heard.name or heard.by
