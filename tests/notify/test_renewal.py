"""Other settings for sinks that work: new credentials for what comes next, and nothing is torn from anybody's hand."""

import asyncio
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from stream_app.core.notify.parcels import Sent
from stream_app.core.routes import Sink
from stream_app.notify.clock import SystemClock
from stream_app.notify.composition import outlets_of, sinks_of
from stream_app.notify.desks import Outlet
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.renewal import Renewal
from stream_app.settings import SettingsError, Source
from tests.notify.alerts import published
from tests.notify.naive_machines import parcel_of, say, target_for
from tests.sinks import crm_servers
from tests.sinks.crm_servers import HUBSPOT_TOKEN, USERNAME, HubSpotServer, SalesforceServer
from tests.sinks.envelopes import envelope, whole

PARCEL = parcel_of(published(1), target_for(published(1)))
CLOCK = SystemClock()


class Bench:
    """Outlets as settings make them, and what was followed."""

    def __init__(self, source):
        self.source = source
        self.followed = []
        settings, metrics = source.load(), NotifyMetrics()
        self.outlets = outlets_of(settings, sinks_of(settings, CLOCK), CLOCK, metrics)
        self.renewal = Renewal(
            settings,
            SimpleNamespace(),  # nobody hears anything here
            self.outlets,
            follow=self.followed.append,
            make=lambda changed: sinks_of(changed, CLOCK),
            clock=CLOCK,
            metrics=metrics,
        )

    async def reload(self):
        await self.renewal.take(self.source.load())

    async def deliver(self, kind):
        """Return whether a task could be written."""
        try:
            await self.outlets[kind].sink.deliver(envelope(whole()))
        except Exception as error:
            return type(error).__name__
        return "done"


def written(file, sink, text):
    """Write settings in which all goes to one sink."""
    place = f'sink = "{sink}"\n' + ('queue = "cs"\n' if sink != "console" else "")
    file.write_text(f'[[routes]]\nname = "all"\n{place}[fallback]\nchannel = ""\n{place}{text}')


@pytest.fixture
def file(tmp_path):
    return tmp_path / "app.toml"


async def test_the_next_task_goes_with_the_token_that_stands_in_the_file_now(file, tmp_path):
    (tmp_path / "token").write_text("pat-of-before")
    async with HubSpotServer() as server:
        written(file, "hubspot", f'[hubspot]\napi_url = "{server.url}"\ntoken_file = "{tmp_path / "token"}"\n')
        bench = Bench(Source(file, {}))
        before = await bench.deliver(Sink.HUBSPOT)
        (tmp_path / "token").write_text(f"{HUBSPOT_TOKEN}\n")
        await bench.reload()
        after = await bench.deliver(Sink.HUBSPOT)
        await bench.renewal.close()
    assert ("SinkRejected", "done") == (before, after)
    assert 1 == len(bench.followed)


async def test_the_next_login_is_signed_with_the_key_that_stands_in_the_file_now(file, tmp_path):
    old, new = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    (tmp_path / "key.pem").write_bytes(pem(old))
    async with SalesforceServer(public_key=new.public_key(), now=CLOCK.now() / 1e6) as server:
        written(
            file,
            "salesforce",
            f'[salesforce]\nlogin_url = "{server.url}"\nclient_id = "{crm_servers.CLIENT_ID}"\n'
            f'username = "{USERNAME}"\nprivate_key_file = "{tmp_path / "key.pem"}"\n',
        )
        bench = Bench(Source(file, {}))
        before = await bench.deliver(Sink.SALESFORCE)
        (tmp_path / "key.pem").write_bytes(pem(new))
        await bench.reload()
        after = await bench.deliver(Sink.SALESFORCE)
        (tmp_path / "key.pem").write_text("no key")
        with pytest.raises(SettingsError):
            await bench.reload()
        again = await bench.deliver(Sink.SALESFORCE)
        await bench.renewal.close()
    assert [before != "done", after, again] == [True, "done", "done"]
    assert 1 == len(bench.followed)


async def test_what_is_the_same_is_kept_and_what_nothing_leads_to_stays_as_long_as_it_can_be_reached(file):
    written(file, "hubspot", '[hubspot]\ntoken = "t"\n')
    bench = Bench(Source(file, {}))
    outlet, sink = bench.outlets[Sink.HUBSPOT], bench.outlets[Sink.HUBSPOT].sink
    written(file, "console", '[hubspot]\ntoken = "t"\n')
    await bench.reload()
    kept = {Sink.HUBSPOT: bench.outlets[Sink.HUBSPOT].sink is sink and bench.outlets[Sink.HUBSPOT] is outlet}
    written(file, "console", '[hubspot]\ntoken = ""\n')
    await bench.reload()
    assert ({Sink.HUBSPOT: True}, {Sink.CONSOLE}) == (kept, {*bench.outlets})


class Slow:
    """Takes until it is told to."""

    def __init__(self):
        self.goes, self.in_hand = asyncio.Event(), asyncio.Event()
        self.closed = False

    async def deliver(self, envelope):
        self.in_hand.set()
        await self.goes.wait()
        if self.closed:
            raise ConnectionError("closed in the middle")

    async def close(self):
        self.closed = True


async def test_a_sink_that_has_something_in_hand_lets_go_when_it_has_done_that():
    old, new = Slow(), Slow()
    outlet = Outlet(Sink.FILE, old, say, CLOCK, NotifyMetrics())
    sending = asyncio.create_task(outlet.deliver(PARCEL))
    await old.in_hand.wait()
    await outlet.renew(new, say)
    assert (False, False) == (old.closed, new.closed)
    old.goes.set()
    assert isinstance(await sending, Sent)
    assert (True, False) == (old.closed, new.closed)
    await outlet.renew(Slow(), say)
    assert new.closed


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
