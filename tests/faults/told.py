"""From the event to a sink that logs what comes: detect and notify as processes, hit under load, and their verdict."""

import json
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from aiohttp import web

from stream_app.topics import ALERT_TOPICS
from tests.acceptance.wire import START, H, Step
from tests.acceptance_notify.notify_play import Play
from tests.faults.ground import Ground
from tests.faults.harness import Chaos, Plan
from tests.faults.history import history
from tests.faults.verdict import Verdict
from tests.sinks.webhook_server import WebhookServer

SPAN = 2 * H
CUSTOMERS = 5_000
TOLD_WITHIN = 120.0
EVERYTHING = """
[notify]
quiet = "1s"
[[routes]]
name = "all"
sink = "webhook"
pass_outside_hours = ["high", "medium", "low"]
[fallback]
sink = "webhook"
"""


class LoggingSink(WebhookServer):
    """A receiver that is rude now and then, and writes each request into a file before it answers."""

    def __init__(self, log_file: Path, rng: Random) -> None:
        super().__init__()
        self.log_file = log_file
        self._rng = rng

    async def otherwise(self, request):
        """Take it, or say that it cannot, or close the connection having taken it."""
        post, chance = self.posts[-1], self._rng.random()
        taken, verified = chance >= 0.1, all(post.verified)
        with self.log_file.open("a") as log:
            log.write(json.dumps({"at": time.time(), "id": post.id, "taken": taken, "verified": verified}) + "\n")
        if chance < 0.05:
            return web.Response(status=503, headers={"Retry-After": "1"})
        return await (self.drop(request) if chance < 0.15 else super().otherwise(request))

    def lines(self) -> list[dict]:
        """Return what it has written."""
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]

    def environ(self) -> dict[str, str]:
        """Return the settings of a worker that posts here."""
        settings = self.settings(timeout=2)
        return {
            "STREAM_APP_WEBHOOK__URL": settings.url.get_secret_value(),
            "STREAM_APP_WEBHOOK__SECRETS": json.dumps([each.get_secret_value() for each in settings.secrets]),
            "STREAM_APP_WEBHOOK__ALLOW": '["127.0.0.0/8"]',
            "STREAM_APP_WEBHOOK__TIMEOUT": "2",
        }


class ToldChaos(Chaos):
    """Also two notify workers are hit; what happens is of the last two hours, so that it is not too old to be told."""

    def __init__(self, ground: Ground, plan: Plan, sink: LoggingSink) -> None:
        super().__init__(ground, plan)
        self._sink = sink
        self._play = Play(ground, EVERYTHING, **sink.environ())
        for number, worker in enumerate(self._play.workers):
            worker.log_file = ground.folder / f"notify-{number}.log"
        self._workers += self._play.workers

    def _steps(self) -> list[Step]:
        begin = datetime.fromtimestamp(time.time(), UTC) - START - SPAN
        return history(self._plan.seed, events=self._plan.events, customers=CUSTOMERS, span=SPAN, begin=begin)

    async def _catch_up(self) -> None:
        await super()._catch_up()
        raised, deadline = await self._raised(), time.monotonic() + TOLD_WITHIN
        while missing := raised - await self._in_hand():
            self._tend()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(missing)} alerts are not told")

    async def _judge(self) -> Verdict:
        verdict = await super()._judge()
        fates, raised, lines = await self._play.fates(), await self._raised(), self._sink.lines()
        taken = {line["id"] for line in lines if line["taken"]}
        said = {alert for (alert, _), each in fates.items() if ("delivered", "sent") in each}
        verdict.lost += [f"not told: {alert}" for alert in sorted(raised - await self._in_hand())]
        verdict.lost += [f"told, but it never came: {alert}" for alert in sorted(said - taken)]
        verdict.duplicated += [f"two fates: {key} {each}" for key, each in fates.items() if len(each) > 1]
        verdict.duplicated += [f"told, but never raised: {alert}" for alert in sorted(taken - raised)]
        verdict.wrong += [f"signature of {line['id']}" for line in lines if not line["verified"]]
        of_each = Counter(line["id"] for line in lines if line["taken"])
        reasons = Counter(each for found in fates.values() for each in found)
        self._report.note(f"told {dict(reasons)}, taken {len(of_each)}, of which more than once {repeats(of_each)}")
        return verdict

    async def _raised(self) -> set[str]:
        found = await self._ground.read([self._ground.settings.topic(topic) for topic in ALERT_TOPICS.values()])
        return {json.loads(record.value)["alert_id"] for records in found.values() for record in records}

    async def _in_hand(self) -> set[str]:
        """Return the alerts that have a fate, or are held for later."""
        held = {alert for each in await self._play.in_hand() for alert in each.message.unsaid}
        return held | {alert for alert, _ in await self._play.fates()}


def repeats(of_each: Counter[str]) -> int:
    """Return how many came more than once."""
    return sum(count > 1 for count in of_each.values())
