"""What the commands of the documentation find when they are run: files, settings, Slack, a broker's topics."""

import asyncio
import gzip
import threading
from contextlib import contextmanager

import orjson

from stream_app.testing import builders
from tests.explain.explain_cases import PROFILES, VIEWS, write
from tests.sinks.slack_server import SlackServer

SETTINGS = 'feeds = ["page-views", "customers"]\n[people."a@example.co.jp"]\nname = "見本 担当"\nslack = "U0TANTOU"\n'
ORDERS = [builders.purchase(customer_id="c-00001", occurred_at=builders.at(-600))]
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/126.0"
LOG_LINE = '203.0.113.9 - - [{when} +0900] "GET {path} HTTP/1.1" 200 900 "-" "%s"\n' % AGENT  # noqa: UP031 (braces)
LOGGED = {
    "01/Jun/2026:10:00:00": "/pricing",
    "01/Jun/2026:10:02:00": "/members/leave",
    "03/Jun/2026:10:00:00": "/news",
}
HAPPENED = "customer,what,when\nc-00001,churned,2026-06-20\n"


def files_in(folder):
    """Make the files that the documentation names, small and real."""
    write(folder / "views.jsonl", VIEWS)
    write(folder / "customers.jsonl", PROFILES)
    write(folder / "orders.jsonl", ORDERS)
    (folder / "views.jsonl.gz").write_bytes(gzip.compress((folder / "views.jsonl").read_bytes()))
    (folder / "access.log").write_text("".join(LOG_LINE.format(when=when, path=LOGGED[when]) for when in LOGGED))
    (folder / "happened.csv").write_text(HAPPENED)
    (folder / "other.toml").write_text('[rules]\nset = "simple"\n')
    (folder / "stream-app.toml").write_text(SETTINGS, encoding="utf-8")
    return folder


def records():
    """Yield what stands in the input topics, as (topic, key, value)."""
    for topic, values in (("customers", PROFILES), ("purchases", ORDERS), ("page-views", VIEWS)):
        for value in values:
            yield topic, value["customer_id"].encode(), orjson.dumps(value)


@contextmanager
def slack_running():
    """Yield a Slack that answers while something else has this thread."""
    server, up, loop = SlackServer(), threading.Event(), asyncio.new_event_loop()
    done = asyncio.Event()

    async def serve():
        async with server:
            up.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        up.wait()
        yield server
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()
