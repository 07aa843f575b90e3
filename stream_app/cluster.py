"""The cluster as it is: which topics are there, what is wrong with them, and how their keys find partitions."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAlreadyExistsError,
    UnsupportedSaslMechanismError,
)

from stream_app.settings import Settings
from stream_app.settings.sections import Kafka
from stream_app.topics import TopicSpec, Worker

CREATE = "create it with: stream-app topics create"
_SHOWN_WITHIN = 15.0  # seconds
_TOGETHER = {Worker.DETECT: "one customer's events", Worker.NOTIFY: "all that is said of one account"}
_LOST = {
    Worker.DETECT: "state is built anew from the inputs",
    Worker.NOTIFY: "what is held or open is forgotten, and alerts that are not too old are told again",
}
_WATCHED_CONFIGS = ("cleanup.policy", "message.timestamp.type", "retention.ms")


class ClusterError(Exception):
    """The cluster cannot be asked, or refuses; the text says what and what to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with a topic; a worker does not start on a `fatal` one."""

    topic: str
    text: str
    fatal: bool = True

    def __str__(self) -> str:
        """Return both in one line."""
        return f"{self.topic}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicState:
    """A topic as it is; no partitions: it does not exist (or may not be seen)."""

    spec: TopicSpec
    partitions: int = 0
    configs: dict[str, str] = field(default_factory=dict)

    @property
    def exists(self) -> bool:
        """Whether the cluster shows it to us."""
        return self.partitions > 0


async def describe_topics(settings: Settings) -> list[TopicState]:
    """Return every topic of ours as it is, in the order of the settings' specs; raises ClusterError."""
    specs = settings.topic_specs()
    async with _admin(settings) as admin:
        partitions = await _partition_counts(admin, specs)
        configs = await _configs(admin, [spec.name for spec in specs if spec.name in partitions])
    return [
        TopicState(spec=spec, partitions=partitions.get(spec.name, 0), configs=configs.get(spec.name, {}))
        for spec in specs
    ]


async def create_topics(settings: Settings) -> list[str]:
    """Create the topics that are missing and return their names; raises ClusterError.

    Topics that must have as many partitions as each other take the count of those that are there already.
    """
    specs = settings.topic_specs()
    async with _admin(settings) as admin:
        there = await _partition_counts(admin, specs)
        new = [
            NewTopic(spec.name, _partitions(spec, specs, there), spec.replication_factor, topic_configs=spec.configs)
            for spec in specs
            if spec.name not in there
        ]
        created = await _create(admin, new) if new else []
        await _seen(admin, specs)
        return created


def _partitions(wanted: TopicSpec, specs: Sequence[TopicSpec], there: Mapping[str, int]) -> int:
    beside = {there[spec.name] for spec in specs if spec.aligned is wanted.aligned and spec.name in there}
    return beside.pop() if wanted.aligned and len(beside) == 1 else wanted.partitions


def problems(states: Sequence[TopicState], settings: Settings, worker: Worker | None = None) -> list[Problem]:
    """Return what is wrong with topics in this state, only with what `worker` needs if one is named."""
    states = [state for state in states if worker is None or worker in state.spec.used_by]
    missing = [Problem(topic=state.spec.name, text=f"is missing; {CREATE}") for state in states if not state.exists]
    there = [state for state in states if state.exists]
    workers = [worker] if worker else [*Worker]
    unequal = [found for each in workers for found in _unequal(there, each, settings.changelog(each))]
    return [*missing, *unequal, *_wrongly_kept(there, settings)]


def _unequal(states: Sequence[TopicState], worker: Worker, changelog: str) -> list[Problem]:
    aligned = {state.spec.name: state.partitions for state in states if state.spec.aligned is worker}
    if len(set(aligned.values())) < 2:
        return []
    counts = ", ".join(f"{name} {partitions}" for name, partitions in aligned.items())
    sources = {count for name, count in aligned.items() if name != changelog}
    if len(sources) > 1:
        todo = (
            f"give all the most: kafka-topics.sh --alter --partitions {max(sources)}, on topics that hold nothing yet"
        ) + (", or name an input topic that stays otherwise in the setting rekey" if worker is Worker.DETECT else "")
    else:
        todo = f"delete the changelog ({_LOST[worker]}) or choose another group"
    text = f"partition counts differ ({counts}), and {_TOGETHER[worker]} must share a partition number; {todo}"
    return [Problem(topic=", ".join(aligned), text=text)]


def _wrongly_kept(states: Sequence[TopicState], settings: Settings) -> list[Problem]:
    found = []
    for state in states:
        name, wanted = state.spec.name, state.spec.configs
        if "compact" in wanted["cleanup.policy"] and "compact" not in state.configs.get("cleanup.policy", "compact"):
            text = "is not compacted: what it says is lost with age; set cleanup.policy=compact"
            found.append(Problem(topic=name, text=text, fatal=name in map(settings.changelog, Worker)))
        stamp = "message.timestamp.type"
        if stamp in wanted and state.configs.get(stamp, wanted[stamp]) != wanted[stamp]:
            text = f"its times are the producers', so a wrong clock there passes unseen; set {stamp}={wanted[stamp]}"
            found.append(Problem(topic=name, text=text, fatal=False))
    return found


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    with explained(settings):
        admin = AIOKafkaAdminClient(**settings.client_options(), request_timeout_ms=10_000)
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()


@contextmanager
def explained(settings: Settings) -> Iterator[None]:
    """Turn what a Kafka client raises into a ClusterError that says where and why."""
    log, last_words = logging.getLogger("aiokafka"), _LastWords()
    log.addHandler(last_words)
    try:
        yield
    except KafkaError as error:
        said, why = last_words.text or str(error), last_words.error or error
        if not str(why):  # a broken connection has no text of its own
            said += type(why).__name__
        where = f"{settings.bootstrap_servers} ({settings.kafka.security_protocol})"
        raise ClusterError(
            f"Kafka at {where}: {said}. {_hint(why, settings.kafka)}"
            "Look at bootstrap_servers and [kafka] in the settings; for a try, stream-app kafka starts a broker."
        ) from error
    finally:
        log.removeHandler(last_words)


class _LastWords(logging.Handler):
    """Keeps why a connection failed: aiokafka logs the reason and raises only that there was one."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text = ""
        self.error: Exception | None = None

    def emit(self, record: logging.LogRecord) -> None:
        args = record.args if isinstance(record.args, tuple) else ()
        error = next((arg for arg in args if isinstance(arg, Exception)), None)
        if error is not None or record.levelno >= logging.ERROR:
            self.text, self.error = record.getMessage(), error


def _hint(error: Exception, kafka: Kafka) -> str:
    """Return what is likely wrong with how we come, empty where the error says enough."""
    match error:
        case ssl.SSLCertVerificationError():
            return (
                "The broker's certificate must be signed by a CA in ssl_cafile (without it: in the system's) "
                "and name the host as bootstrap_servers does. "
            )
        case SaslAuthenticationFailed():
            return f"sasl_username, sasl_password or sasl_mechanism ({kafka.sasl_mechanism}) is wrong. "
        case UnsupportedSaslMechanismError():
            return f"The broker does not take sasl_mechanism {kafka.sasl_mechanism}. "
        case ConnectionRefusedError() | socket.gaierror():
            return ""
        case KafkaConnectionError() | ssl.SSLError() | ConnectionError() | EOFError():
            certificate = kafka.uses_tls and not kafka.ssl_certfile
            wants = " or wants a client certificate (ssl_certfile)" if certificate else ""
            return f"It hung up on us: likely this port speaks another security_protocol{wants}. "
    return ""


async def _partition_counts(admin: AIOKafkaAdminClient, specs: Sequence[TopicSpec]) -> dict[str, int]:
    # All topics, not ours by name: asking for a name creates it on clusters that create topics by themselves.
    ours = {spec.name for spec in specs}
    found = await admin.describe_topics()
    return {topic["topic"]: len(topic["partitions"]) for topic in found if topic["topic"] in ours}


async def _seen(admin: AIOKafkaAdminClient, specs: Sequence[TopicSpec]) -> None:
    """Wait until all topics are shown: a broker says that it made one before it tells those who ask."""
    try:
        async with asyncio.timeout(_SHOWN_WITHIN):
            while len(await _partition_counts(admin, specs)) < len(specs):  # noqa: ASYNC110 (nobody tells us)
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise ClusterError(f"topics were created, but are not shown after {_SHOWN_WITHIN} seconds") from None


async def _configs(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    wanted = dict.fromkeys(_WATCHED_CONFIGS, "")
    asked = [ConfigResource(ConfigResourceType.TOPIC, name, wanted) for name in names]
    answers = [answer.to_object() for answer in await admin.describe_configs(asked)]
    return {
        topic["resource_name"]: {config["config_names"]: config["config_value"] for config in topic["config_entries"]}
        for answer in answers
        for topic in answer["resources"]
    }


async def _create(admin: AIOKafkaAdminClient, new: Sequence[NewTopic]) -> list[str]:
    response = await admin.create_topics(list(new))
    created = []
    for topic in response.to_object()["topic_errors"]:
        if topic["error_code"] == 0:
            created.append(topic["topic"])
        elif topic["error_code"] != TopicAlreadyExistsError.errno:  # somebody else was quicker
            raise ClusterError(f"topic {topic['topic']} was not created: {topic['error_message']}")
    return created


def in_touch(consumer: AIOKafkaConsumer | None) -> bool:
    """Whether a broker answers for a consumer's group: its coordinator is known, so it answered the last heartbeat."""
    return getattr(getattr(consumer, "_coordinator", None), "coordinator_id", None) is not None
