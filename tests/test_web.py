"""Metrics and probes over real HTTP."""

import socket

import aiohttp
import pytest

from stream_app.metrics import Metrics
from stream_app.settings import Settings
from stream_app.web import serve


class Worker:
    """Something that is alive and ready, or not."""

    def __init__(self):
        self.alive = self.ready = True

    def serve(self, **web):
        """Serve its metrics and probes on a free port."""
        settings = Settings(web={"port": 0, **web})
        return serve(settings, Metrics().registry, livez=lambda: self.alive, readyz=lambda: self.ready)


async def get(url, **headers):
    """Return status and text of a page."""
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_metrics_are_those_of_the_registry():
    async with Worker().serve() as url:
        status, page = await get(f"{url}/metrics")

    assert (200, True) == (status, "# TYPE cs_alerts_total counter" in page.splitlines())


@pytest.mark.parametrize(
    ("alive", "ready", "livez", "readyz"),
    [
        (True, True, (200, "alive"), (200, "ready")),
        (True, False, (200, "alive"), (503, "starting")),
        (False, True, (503, "stuck"), (200, "ready")),
    ],
)
async def test_probes_follow_the_worker(alive, ready, livez, readyz):
    worker = Worker()
    async with worker.serve() as url:
        worker.alive, worker.ready = alive, ready

        assert (livez, readyz) == (await get(f"{url}/livez"), await get(f"{url}/readyz"))


@pytest.mark.parametrize("path", ["/", "/table/customers/c-1", "/router/", "/metrics/", "/../etc/passwd"])
async def test_there_is_nothing_else(path):
    async with Worker().serve() as url:
        assert (await get(url + path))[0] == 404


@pytest.mark.parametrize("path", ["/metrics", "/livez", "/readyz", "/elsewhere"])
@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "geheim"}])
async def test_nothing_is_told_without_the_token(path, given):
    async with Worker().serve(token="geheim") as url:
        assert (401, "401: Unauthorized") == await get(url + path, **given)


async def test_the_token_opens():
    async with Worker().serve(token="geheim") as url:
        assert (200, "alive") == await get(f"{url}/livez", Authorization="Bearer geheim")


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
