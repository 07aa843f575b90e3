"""Where webhooks may lead: looked at in the settings, and again at each connect."""

import asyncio
import re
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from stream_app.settings import SettingsError, load
from stream_app.settings.addresses import address_of, check_url, may_be_reached
from stream_app.settings.sinks import WebhookSettings
from stream_app.sinks.addresses import AddressRefused, guarded_sockets
from stream_app.sinks.base import SinkError, SinkRejected
from stream_app.sinks.webhook import Webhook
from tests.sinks.parcels import envelope
from tests.sinks.webhook_server import NEW_SECRET

NOT_PUBLIC = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
]
NOT_PUBLIC_6 = [
    *("::1", "::", "fe80::1", "fe80::1%1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "::7f00:1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "64:ff9b::a9fe:a9fe"),
    *("2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "100::1", "4000::1"),
]
PUBLIC = ["8.8.8.8", "203.0.114.1", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]

LITERALS = [
    *("127.0.0.1", "127.1", "0x7f.1", "0x7F000001", "017700000001", "2130706433", "0177.0.0.01", "127.0.0.1."),
    *("\uff11\uff12\uff17.\uff10.\uff10.\uff11", "127\u30020\u30020\u30021", "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460"),
    *("localhost", "LOCALHOST.", "a.localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]"),
    *("[2002:7f00:1::]", "[0:0:0:0:0:0:0:1]", "169.254.169.254", "[fd00:ec2::254]"),
]


@pytest.mark.parametrize("address", [*NOT_PUBLIC, *NOT_PUBLIC_6])
def test_what_is_not_public_is_not_reached(address):
    literal = address_of(address)

    assert literal is not None
    assert not may_be_reached(literal, (), tls=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_reached_with_tls_only(address):
    literal = address_of(address)

    assert (True, False) == (may_be_reached(literal, (), tls=True), may_be_reached(literal, (), tls=False))


@pytest.mark.parametrize(
    ("address", "allow", "expected"),
    [
        ("10.1.2.3", ["10.0.0.0/8"], True),
        ("11.1.2.3", ["10.0.0.0/8"], False),
        ("::ffff:10.1.2.3", ["10.0.0.0/8"], True),
        ("fd00::1", ["10.0.0.0/8", "fd00::/8"], True),
        ("fe80::1%1", ["fe80::/10"], True),
        ("10.1.2.3", ["10.1.2.3"], True),
        ("10.1.2.4", ["10.1.2.3"], False),
    ],
)
def test_without_tls_only_what_is_allowed_is_reached(address, allow, expected):
    assert expected == may_be_reached(address_of(address), allow, tls=False)


def test_what_is_allowed_is_reached_with_tls_too():
    assert may_be_reached(address_of("10.1.2.3"), ["10.0.0.0/8"], tls=True)


@pytest.mark.parametrize("host", LITERALS)
def test_every_way_to_write_an_address_is_known(host):
    with pytest.raises(ValueError, match="is not public: its network must be in 'allow'"):
        check_url(f"https://{host}/hook")


def octets(address):
    """Return four numbers, each in a base of its own."""
    forms = (str, hex, lambda number: f"0{number:o}")
    return st.tuples(*(st.sampled_from(forms) for _ in range(4))).map(
        lambda written: ".".join(form(number) for form, number in zip(written, address.packed, strict=True))
    )


def spellings(address):
    """Return ways to write an IPv4 address."""
    number = int(address)
    inside = {"::ffff:0:0": 0, "64:ff9b::": 0, "2002::": 80}
    mapped = [f"[{IPv6Address(int(IPv6Address(base)) | number << shift)}]" for base, shift in inside.items()]
    return st.sampled_from([str(number), hex(number), f"0{number:o}", *mapped]) | octets(address)


private = st.sampled_from(["127.0.0.0", "10.0.0.0", "192.168.0.0", "169.254.0.0"]).flatmap(
    lambda base: st.integers(0, 0xFFFF).map(lambda low: IPv4Address(int(IPv4Address(base)) + low))
)


@given(private.flatmap(spellings))
def test_no_spelling_of_a_private_address_is_taken(host):
    with pytest.raises(ValueError, match="not public"):
        check_url(f"https://{host}/")


@given(spellings(IPv4Address("8.8.8.8")))
def test_any_spelling_of_a_public_address_is_taken(host):
    assert check_url(f"https://{host}/") is None


@pytest.mark.parametrize(
    ("url", "allow", "expected"),
    [
        ("http://hooks.example.com:8080/geheim", [], "must begin with https://, or http:// for a host in the networks"),
        ("ftp://hooks.example.com/geheim", ["10.0.0.0/8"], "must begin with https://"),
        ("file:///etc/geheim", ["10.0.0.0/8"], "must be a URL such as https://hooks.example.com/alerts"),
        ("//hooks.example.com/geheim", [], "must begin with https://"),
        ("geheim", [], "must be a URL such as"),
        ("https://", [], "must be a URL such as"),
        ("https://:8443/geheim", [], "must be a URL such as"),
        ("https://a b/geheim", [], "must be a URL such as"),
        ("https://%31%32%37.0.0.1/geheim", [], "must be a URL such as"),
        ("https://[fe80::1%25eth0]/geheim", [], "must be a URL such as"),
        ("https://hooks.example.com:geheim/", [], "must be a URL such as"),
        ("https://hooks.example.com:99999/geheim", [], "must be a URL such as"),
        ("https://geheim@hooks.example.com/", [], "must not hold a user or password"),
        ("https://u:geheim@hooks.example.com/", [], "must not hold a user or password"),
        ("https://:geheim@hooks.example.com/", [], "must not hold a user or password"),
        ("https://hooks.example.com/#geheim", [], "must not hold '#'"),
        ("https://hooks.example.com/geheim#", [], "must not hold '#'"),
        ("https://hooks.example.com:22/geheim", [], "port 22: must be 443 or above 1023"),
        ("https://hooks.example.com:0/geheim", [], "port 0: must be 443 or above 1023"),
        ("https://hooks.example.com:1023/geheim", [], "port 1023: must be 443 or above 1023"),
        ("http://10.0.0.1/geheim", ["10.0.0.0/8"], "port 80: must be 443 or above 1023"),
        ("http://8.8.8.8:8080/geheim", ["10.0.0.0/8"], "8.8.8.8 is not public"),
    ],
)
def test_what_may_not_be_posted_to_is_said_without_the_url(url, allow, expected):
    with pytest.raises(ValueError, match=f"^{re.escape(expected)}") as caught:
        check_url(url, allow)

    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "allow"),
    [
        ("https://hooks.example.com/a/b?c=d", []),
        ("https://hooks.example.com:443/", []),
        ("https://hooks.example.com:1024", []),
        ("https://解約.example.com/", []),
        ("https://8.8.8.8/", []),
        ("https://10.0.0.1/", ["10.0.0.0/8"]),
        ("http://10.0.0.1:8080/", ["10.0.0.0/8"]),
        ("http://[::1]:8080/", ["::1"]),
        ("http://hooks.example.com:8080/", ["10.0.0.0/8"]),
    ],
)
def test_what_may_be_posted_to(url, allow):
    assert check_url(url, allow) is None


@asynccontextmanager
async def counted():
    """Yield a port of this machine, and a list that grows with each connection to it."""
    connections = []

    def accept(reader, writer):
        connections.append(writer.get_extra_info("peername"))
        writer.close()

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], connections


def unchecked(url, allow=()):
    """Return settings as if nothing had been looked at before the connect."""
    return WebhookSettings.model_construct(url=SecretStr(url), secrets=(SecretStr(NEW_SECRET),), allow=allow, timeout=5)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "0x7f.1", "localhost"])
async def test_nothing_connects_to_this_machine_unless_it_is_allowed(scheme, host):
    async with counted() as (port, connections):
        url = f"{scheme}://{host}:{port}/geheim"
        with pytest.raises(SinkRejected) as caught:
            await Webhook(unchecked(url), lambda: 0).deliver(envelope())
        refused = len(connections)
        with pytest.raises(SinkError):
            await Webhook(unchecked(url, ["127.0.0.1"]), lambda: 0).deliver(envelope())

    assert str(caught.value).endswith(" leads to an address that is neither public nor in 'allow'")
    assert (0, 1) == (refused, len(connections))
    assert "geheim" not in str(caught.value)


async def test_a_number_for_a_host_is_refused_whatever_is_allowed():
    with pytest.raises(SinkRejected, match="https://2130706433 is no host that can be asked"):
        await Webhook(unchecked("https://2130706433/geheim", ["127.0.0.1"]), lambda: 0).deliver(envelope())


class Rebinding(AbstractResolver):
    """Says one address at first, and another one ever after."""

    def __init__(self, *addresses):
        self.addresses = list(addresses)

    async def resolve(self, host, port=0, family=0):
        """Return the next address."""
        addresses = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        return [ResolveResult(hostname=host, host=one, port=port, family=2, proto=6, flags=0) for one in addresses]

    async def close(self):
        """There is nothing to close."""


async def got(session, port):
    """Return the error of a request to a name."""
    with pytest.raises(aiohttp.ClientError) as caught:
        await session.post(f"http://hooks.example.com:{port}/")
    return caught.value


async def test_a_name_that_leads_elsewhere_later_is_looked_at_each_time():
    async with counted() as (port, connections):
        connector = aiohttp.TCPConnector(
            resolver=Rebinding(["127.0.0.1"], ["127.0.0.3"], ["127.0.0.3", "127.0.0.4"]),
            use_dns_cache=False,
            force_close=True,
            socket_factory=guarded_sockets(["127.0.0.1"], tls=False),
        )
        async with aiohttp.ClientSession(connector=connector) as session:
            errors = [await got(session, port) for _ in range(3)]

    assert [False, True, True] == [isinstance(getattr(error, "os_error", None), AddressRefused) for error in errors]
    assert 1 == len(connections)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('url = "https://hooks.example.com/geheim"', "webhook: url needs secrets: what is posted is always signed"),
        ('url = "https://127.0.0.1/geheim"\nsecrets = ["KEY"]', "webhook: url 127.0.0.1 is not public"),
        ('url = "https://a.example:22/geheim"\nsecrets = ["KEY"]', "webhook: url port 22: must be 443 or above 1023"),
        ('secrets = ["geheim"]', "webhook.secrets: each must be 'whsec_' and 24 to 64 random bytes in base64"),
        ('secrets = ["whsec_"]', "webhook.secrets: each must be"),
        ('secrets = ["whsec_geheimgeheimgeheimgeheimgeheim!?"]', "webhook.secrets: each must be"),
        ('secrets = "geheim"', "webhook.secrets: Input should be a valid tuple"),
        ('allow = ["10.0.0.1/8"]', "webhook.allow: 10.0.0.1/8 has host bits set"),
        ('allow = ["intranet"]', "webhook.allow: 'intranet' does not appear to be an IPv4 or IPv6 network"),
    ],
)
def test_the_settings_say_what_is_wrong_and_no_secret(tmp_path, text, expected):
    file = tmp_path / "stream-app.toml"
    file.write_text("[webhook]\n" + text.replace("KEY", NEW_SECRET), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(file, {})

    said = str(caught.value).removeprefix(f"{file}: ")
    assert expected == said[: len(expected)]
    assert "geheim" not in said
