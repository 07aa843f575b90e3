"""Metrics and probes over real HTTP."""

import asyncio
import socket
import threading
from urllib.error import HTTPError
from urllib.request import urlopen

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from stream_app.metrics import Metrics
from stream_app.settings import Settings
from stream_app.web import serve


class Worker:
    """Something that is ready, or not."""

    def __init__(self):
        self.ready = True

    def serve(self, stuck_after=60.0, **web):
        """Serve its metrics and probes on a free port."""
        settings = Settings(web={"port": 0, **web})
        return serve(settings, Metrics().registry, readyz=lambda: self.ready, stuck_after=stuck_after)


async def get(url, **headers):
    """Return status and text of a page."""
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_metrics_are_those_of_the_registry():
    async with Worker().serve() as url:
        status, page = await get(f"{url}/metrics")

    assert (200, True) == (status, "# TYPE cs_alerts_total counter" in page.splitlines())


class Endless:
    """Metrics that are not rendered before the loop has done something else; gives up rather than hang."""

    def __init__(self):
        self.begun, self.ended, self.in_time = asyncio.Event(), threading.Event(), None
        self._loop = asyncio.get_running_loop()

    def describe(self):
        """Need not be asked what it has."""
        return ()

    def collect(self):
        """Be rendered."""
        self._loop.call_soon_threadsafe(self.begun.set)
        self.in_time = self.ended.wait(10.0)
        return ()


async def test_while_a_page_is_rendered_the_loop_goes_on():
    """However large it is: events are judged meanwhile, and probes answered."""
    registry, endless = CollectorRegistry(), Endless()
    registry.register(endless)
    async with serve(Settings(web={"port": 0}), registry, readyz=lambda: True) as url:
        asked = asyncio.create_task(get(f"{url}/metrics"))
        await endless.begun.wait()
        alive = await get(f"{url}/livez")
        endless.ended.set()
        rendered = await asked

    assert ((200, "alive"), (200, ""), True) == (alive, rendered, endless.in_time)


@pytest.mark.parametrize(("ready", "readyz"), [(True, (200, "ready")), (False, (503, "starting"))])
async def test_readiness_follows_the_worker_and_life_does_not(ready, readyz):
    worker = Worker()
    async with worker.serve() as url:
        worker.ready = ready

        assert ((200, "alive"), readyz) == (await get(f"{url}/livez"), await get(f"{url}/readyz"))


def held_up(url):
    """Ask without letting the loop go on; return status and text."""
    try:
        with urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


async def test_a_loop_that_stands_is_not_alive_and_one_that_goes_on_is_again():
    """Whoever asks here holds up the loop meanwhile: from the same loop no answer would come at all."""
    async with Worker().serve(stuck_after=2.0) as url:
        first = await asyncio.to_thread(held_up, f"{url}/livez")
        stands = next((said for _ in range(10_000) if (said := held_up(f"{url}/livez")) != (200, "alive")), None)
        while (after := await get(f"{url}/livez")) != (200, "alive"):
            await asyncio.sleep(0.1)

    assert ((200, "alive"), (503, "stuck"), (200, "alive")) == (first, stands, after)


@pytest.mark.parametrize("path", ["/", "/table/customers/c-1", "/router/", "/metrics/", "/../etc/passwd"])
async def test_there_is_nothing_else(path):
    async with Worker().serve() as url:
        assert (await get(url + path))[0] == 404


@pytest.mark.parametrize("path", ["/metrics", "/elsewhere", "/livez/", "//livez", "/metrics?/livez"])
@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "geheim"}])
async def test_nothing_else_is_told_without_the_token(path, given):
    async with Worker().serve(token="geheim") as url:
        assert (401, "401: Unauthorized") == await get(url + path, **given)


async def test_the_token_opens():
    async with Worker().serve(token="geheim") as url:
        assert 200 == (await get(f"{url}/metrics", Authorization="Bearer geheim"))[0]


async def test_probes_are_told_to_whoever_asks():
    """A kubelet cannot be given a secret for them."""
    async with Worker().serve(token="geheim") as url:
        assert [(200, "alive"), (200, "ready")] == [await get(f"{url}/livez"), await get(f"{url}/readyz")]


async def test_it_listens_on_loopback_only_and_stops_at_the_end():
    async with Worker().serve() as url:
        host, port = url.removeprefix("http://").split(":")
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind((host, int(port)))

    assert host == "127.0.0.1"


async def test_a_taken_port_is_an_error_not_another_port():
    async with Worker().serve() as url:
        with pytest.raises(OSError, match="address already in use"):
            async with Worker().serve(port=int(url.rpartition(":")[2])):
                pass
