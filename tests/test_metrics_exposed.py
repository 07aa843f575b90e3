"""Both workers on a broker: what Prometheus really gets of them."""

import asyncio
import json
import shutil
import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from stream_app.testing.builders import interaction, page_view
from tests.exposed import PROCESS, families, registries
from tests.faults.processes import WorkerProcess
from tests.notify.stage import until

pytestmark = pytest.mark.kafka

MODULES = {"detect": "tests.faults.worker", "notify": "tests.notify.process"}
CANCELLATION = {"intent": "churn", "rule": "churn.cancellation-page"}


@pytest.fixture(name="workers")
async def _workers(ground):
    """Both workers of a cluster."""
    await ground.create()
    more = {"NOTED": str(ground.folder / "noted"), "NAP": "0", "STREAM_APP_NOTIFY__PORT": "0"}
    environ = ground.environ(**more, STREAM_APP_RULES__SET="full")
    workers = {name: WorkerProcess(environ, ground.folder / f"{name}.log", module) for name, module in MODULES.items()}
    for worker in workers.values():
        worker.start()
    yield workers
    for worker in workers.values():
        worker.kill()


async def page(worker):
    """Return the metrics that it serves, empty while it serves none."""
    return (await asyncio.to_thread(worker.page, "metrics"))[1]


def value(text, name, **labels):
    """Return the value of a sample; None where there is none."""
    found = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return next((one.value for one in found if (one.name, one.labels) == (name, labels)), None)


async def test_what_is_served_is_what_is_listed_and_counts_what_happens(ground, workers):
    """What happens is counted for its rule; how things stand is told every few seconds."""
    pages = dict.fromkeys(workers, "")

    async def at_work():
        pages.update({name: await page(worker) for name, worker in workers.items()})
        return all(value(text, "cs_partitions_assigned") == ground.partitions for text in pages.values())

    async def told():
        pages["detect"] = await page(workers["detect"])
        return value(pages["detect"], "cs_alerts_total", **CANCELLATION) and value(
            pages["detect"], "cs_nps_customers", answer="promoter"
        )

    await until(at_work)
    seen = page_view(customer_id="c-1", url="https://www.example.com/account/cancel")
    answered = interaction(customer_id="c-2", kind="nps", score=10)
    said = (("page-views", seen), ("interactions", answered))
    await ground.write([(topic, one["customer_id"].encode(), json.dumps(one).encode()) for topic, one in said])
    await until(told)

    assert 1.0 == value(pages["detect"], "cs_alerts_total", **CANCELLATION)
    for name, registry in registries().items():
        assert set(families(registry)) == names(pages[name])
        assert ("", 0) == said_by_promtool(pages[name])


def names(text):
    """Return the names of our own metrics on a page."""
    found = [one for one in text_string_to_metric_families(text) if not one.name.startswith(PROCESS)]
    return {one.name + ("_total" if one.type == "counter" else "") for one in found}


def said_by_promtool(text):
    """Return what promtool says of a page, and its exit code; nothing where it is not installed."""
    if shutil.which("promtool") is None:
        return "", 0
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr, done.returncode
