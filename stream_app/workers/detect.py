"""The detect worker: a Faust app with one agent over all input topics and one table."""

import asyncio
import gc
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any, cast

import faust
import mode
import structlog
from faust.transport.drivers.aiokafka import Producer
from faust.types import StreamT
from yarl import URL

from stream_app import logs, web
from stream_app.cluster import ClusterError, Problem, describe_topics, in_touch, problems
from stream_app.core.events import SECOND
from stream_app.event_loop import new_event_loop
from stream_app.metrics import Metrics
from stream_app.outbox import LARGEST_BATCH, Outbox
from stream_app.partitioners import differing, partitioners
from stream_app.reloads import ReloadMetrics, Reloads, bide
from stream_app.settings import Settings, Source
from stream_app.topics import InputTopic, OutputTopic, Worker, changelog_name
from stream_app.workers.changelog import Changelog
from stream_app.workers.chunk import ListeningApp
from stream_app.workers.detector import Detector
from stream_app.workers.ends import Ends
from stream_app.workers.erased import ErasuresRead
from stream_app.workers.faust_parts import ChunkConsumer, ChunkSchema, ChunkTransport
from stream_app.workers.gauges import Measuring
from stream_app.workers.in_force import Deciding, RulesInForce
from stream_app.workers.output import Output, now_micros
from stream_app.workers.recovery import ChunkTables, StateTable
from stream_app.workers.ticker import Ticker
from stream_app.workers.topic_ends import TopicEnds
from stream_app.workers.upstream import Upstream

log = structlog.get_logger(__name__)

TABLE = "customer-state"
HEARTBEAT_SECONDS = 0.5  # who hears last that workers came or went keeps all others waiting: nobody judges until then

GARBAGE_THRESHOLDS = (20_000, 20, 100)
"""With those of Python a sixth of all CPU goes into looking for garbage."""

ANSWER_SECONDS = 30.0
"""How long a broker may take to answer: a connection that nobody is at the other end of any more says nothing.

Faust's own, 90 seconds for a fetch and 20 minutes for a send, would be the time for which partitions stand still.
"""


def create_app(
    settings: Settings, partitions: Mapping[str, int], metrics: Metrics, upstream: Upstream, *, ticks: bool = True
) -> tuple[ListeningApp, Detector]:
    """Return the app, ready to be run, and its detector; `partitions` says how many each topic has.

    Without `ticks` time passes only with the traffic, which has a clock of its own then.
    """
    ends = upstream.ends
    app = ListeningApp(settings.group, **_faust_settings(settings))
    app.transport = ChunkTransport(app.conf.broker_consumer, app)
    topics = {settings.topic(topic): topic for topic in InputTopic}
    schema = ChunkSchema(key_type=bytes, value_type=bytes)
    table = cast(
        StateTable,
        app.Table(
            TABLE,
            schema=schema,
            partitions=partitions[settings.topic(InputTopic.PAGE_VIEWS)],
            changelog_topic=app.topic(changelog_name(settings.group), schema=schema, acks=False, internal=True),
            options={"folder": settings.data_dir / settings.group} if settings.store == "rocksdb" else {},
        ),
    )
    outbox = Outbox(lambda: cast(Producer, app.producer)._ensure_producer(), partitions)
    source = lambda: cast(ChunkConsumer, app.consumer)  # noqa: E731
    app.listener = detector = Detector(
        topics=topics,
        rules=RulesInForce(Deciding.of(settings), metrics),
        table=table,
        changelog=Changelog(
            topic=changelog_name(settings.group),
            outbox=outbox,
            store=lambda: table.store,
            source=source,
            read=ends.read,
            metrics=metrics,
        ),
        source=source,
        end_offsets=ends,
        asked=Ends(upstream, source, metrics, upstream.topics),
        erasures=ErasuresRead(settings.topic(OutputTopic.ERASURES), ends, ends.read),
        output=Output(outbox, {topic: settings.topic(topic) for topic in OutputTopic}, metrics),
        metrics=metrics,
        silent_before_start=settings.alerts_from == "start",
        checkpoint_seconds=settings.checkpoint_interval / SECOND,
        pass_floods=settings.poison_floods == "pass",
    )

    @app.agent(app.topic(*topics, schema=schema), name="detect")
    async def detect(stream: StreamT[Any]) -> None:
        async for event in cast(faust.Stream[Any], stream).noack().events():
            for chunk in event.value:
                detector.receive(chunk)

    app.task(detector.run)
    if ticks:
        ticks_topic = settings.topic(InputTopic.TICKS)
        ticker = Ticker(
            idle=detector.idle,
            write=lambda partition, value: outbox.write(ticks_topic, partition, [(None, value)]),
            clock=now_micros,
        )
        app.task(ticker.run)

    return app, detector


def _faust_settings(settings: Settings) -> dict[str, Any]:
    session = settings.kafka.session_timeout / SECOND
    return {
        "broker": [URL(f"kafka://{server.strip()}") for server in settings.bootstrap_servers.split(",")],
        "broker_credentials": _credentials(settings),
        "broker_session_timeout": session,
        "broker_request_timeout": max(ANSWER_SECONDS, session),  # Faust wants it no shorter
        "producer_request_timeout": ANSWER_SECONDS,
        "broker_heartbeat_interval": min(session / 4, HEARTBEAT_SECONDS),
        "broker_commit_interval": 3600.0,  # the detector commits after each checkpoint
        "producer_max_batch_size": LARGEST_BATCH,
        "producer_max_request_size": LARGEST_BATCH + 100_000,
        "store": URL("memory://"),  # what StateTable makes of it
        "Table": StateTable,
        "TableManager": ChunkTables,
        "table_standby_replicas": settings.standby_replicas,
        "stream_wait_empty": False,  # chunks that wait for other topics are never "done"
        "stream_recovery_delay": 0.0,
        "topic_disable_leader": True,
        "topic_allow_declare": False,
        "datadir": settings.data_dir / "faust",
        "web_enabled": False,
        "env": {"": ""},  # Faust reads variables such as WEB_PORT, which then beat what is said here
    }


def _credentials(settings: Settings) -> faust.SASLCredentials | faust.SSLCredentials | None:
    options = settings.client_options()
    if settings.kafka.uses_sasl:
        return faust.SASLCredentials(
            username=options["sasl_plain_username"],
            password=options["sasl_plain_password"],
            mechanism=options["sasl_mechanism"],
            ssl_context=options["ssl_context"],
        )
    return faust.SSLCredentials(options["ssl_context"]) if settings.kafka.uses_tls else None


class WebService(mode.Service):
    """Metrics and probes for as long as the worker runs, also while state is restored."""

    def __init__(
        self, settings: Settings, metrics: Metrics, readyz: Callable[[], bool], token: Callable[[], str]
    ) -> None:
        super().__init__()
        self._token = token
        self._settings = settings
        self._metrics = metrics
        self._readyz = readyz
        self._stack = AsyncExitStack()

    async def on_start(self) -> None:
        """Serve."""
        address = await self._stack.enter_async_context(
            web.serve(self._settings, self._metrics.registry, readyz=self._readyz, token=self._token)
        )
        log.info("metrics and probes are served", address=address)

    async def on_stop(self) -> None:
        """Stop serving."""
        await self._stack.aclose()


def _in_touch(app: ListeningApp) -> bool:
    return in_touch(cast(ChunkConsumer, app.consumer)._thread._consumer)


def run(settings: Settings, *, source: Source | None = None, ticks: bool = True) -> int:
    """Run the worker until it is told to stop; return an exit code. For `ticks` see `create_app`.

    `source`: where the settings came from, and what has changed there is taken over from.
    """
    logs.set_up(settings)
    if source is not None:
        bide()
    try:
        found, partitions = asyncio.run(_look_at_topics(settings))
    except ClusterError as error:
        log.error("the worker cannot start", error=str(error))
        return 1
    for problem in found:
        (log.error if problem.fatal else log.warning)("a topic is not as it should be", problem=str(problem))
    if any(problem.fatal for problem in found):
        return 1
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)  # Faust makes its folder in there, but no parents
    except OSError as error:
        log.error("the worker cannot start", error=f"data_dir {settings.data_dir}: {error.strerror}")
        return 1
    return _work(settings, partitions, source, ticks=ticks)


async def _look_at_topics(settings: Settings) -> tuple[list[Problem], dict[str, int]]:
    states = await describe_topics(settings)
    found = problems(states, settings, Worker.DETECT)
    if not any(problem.fatal for problem in found):
        found += differing(await partitioners(settings, states))
    return found, {state.spec.name: state.partitions for state in states}


def _work(settings: Settings, partitions: Mapping[str, int], source: Source | None, *, ticks: bool) -> int:
    collect_seldom()
    loop = new_event_loop()
    asyncio.set_event_loop(loop)
    metrics = Metrics()
    ends = TopicEnds(settings.client_options())
    upstream = Upstream(settings, partitions, ends, metrics)
    app, detector = create_app(settings, partitions, metrics, upstream, ticks=ticks)
    reloads = _reloads(settings, source, detector, metrics) if source is not None else None
    if reloads is not None:
        loop.add_signal_handler(signal.SIGHUP, reloads.ask)
        app.task(reloads.run)
    worker = faust.Worker(
        app,
        WebService(
            settings,
            metrics,
            lambda: detector.ready and _in_touch(app),
            lambda: (reloads.settings if reloads is not None else settings).web.token.get_secret_value(),
        ),
        Measuring(detector.measure),
        ends,
        upstream,
        loop=loop,
        quiet=True,
        override_logging=False,
        redirect_stdouts=False,
    )
    worker.spinner = None  # it writes to the terminal, also where there is none
    log.info("detect starts", group=settings.group, rule_set=settings.rule_set().id, store=settings.store)
    try:
        worker.execute_from_commandline()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
        log.info("detect has stopped", exit_code=code)
        return code


def _reloads(settings: Settings, source: Source, detector: Detector, metrics: Metrics) -> Reloads:
    async def take(changed: Settings) -> None:
        detector.change_rules(Deciding.of(changed))

    return Reloads(Worker.DETECT, source, settings, take, ReloadMetrics(metrics.registry))


def collect_seldom() -> None:
    """Let Python look for cycles seldom: hardly any arise here, and each look goes through all events that wait."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
