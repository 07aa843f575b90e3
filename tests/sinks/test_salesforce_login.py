"""Logging in to Salesforce: signed assertion or client secret, refused or renewed."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from stream_app.settings import SettingsError
from stream_app.sinks.base import SinkError, SinkRejected
from stream_app.sinks.salesforce import Salesforce
from tests.sinks.crm_servers import USERNAME, SalesforceServer
from tests.sinks.envelopes import CASE, envelope
from tests.sinks.scripted import Fault

NOW = 1_781_092_800.0
KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65_537, key_size=2048) for _ in range(2))


def pem(key, encryption=None):
    """Return a private key as a file holds it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


@pytest.fixture
async def server():
    async with SalesforceServer(public_key=KEY.public_key(), now=NOW) as one:
        yield one


@pytest.fixture
def key_file(tmp_path):
    file = tmp_path / "key.pem"
    file.write_bytes(pem(KEY))
    return file


async def delivered(settings):
    """Deliver one envelope by a sink of its own."""
    sink = Salesforce(settings, timeout=5.0, clock=lambda: NOW)
    try:
        return await sink.deliver(envelope())
    finally:
        await sink.close()


def by_key(server, file):
    """Return settings that log in with a signed assertion."""
    return server.settings(client_secret="", username=USERNAME, private_key_file=file)


async def test_an_assertion_is_signed_with_the_key(server, key_file):
    await delivered(by_key(server, key_file))

    assert ([CASE], 1) == (server.made, server.logins)


@pytest.mark.parametrize("changed", [{"client_secret": "another"}, {"client_id": "another"}])
async def test_a_wrong_secret_is_refused_for_good(server, changed):
    with pytest.raises(SinkRejected) as raised:
        await delivered(server.settings(**changed))

    assert "Salesforce's login answered 400: invalid_grant not approved" == str(raised.value)


async def test_a_wrong_key_is_refused_for_good(server, key_file):
    key_file.write_bytes(pem(OTHER_KEY))
    with pytest.raises(SinkRejected) as raised:
        await delivered(by_key(server, key_file))

    assert "Salesforce's login answered 400: invalid_grant not approved" == str(raised.value)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(status=400, body={"error": "unknown_error", "error_description": "retry your request"}), SinkError),
        (Fault(status=400, body={"error": "invalid_grant", "error_description": "login rate exceeded"}), SinkError),
        (Fault(status=400, body={"error": "invalid_grant", "error_description": "inactive user"}), SinkRejected),
        (Fault(status=400, body="<html>"), SinkRejected),
        (Fault(status=302, headers={"Location": "/"}), SinkRejected),
        (Fault(status=503), SinkError),
        (Fault(cuts=True), SinkError),
        (Fault(status=200, body={"access_token": "a\r\nX-Other: b", "instance_url": "https://a.example"}), SinkError),
        (Fault(status=200, body={"access_token": "a"}), SinkError),
    ],
)
async def test_a_login_that_fails_says_whether_another_may_not(server, fault, kind):
    server.login_fault = fault
    with pytest.raises((SinkError, SinkRejected)) as raised:
        await delivered(server.settings())

    assert (kind, []) == (type(raised.value), server.made)


@pytest.mark.parametrize("url", ["http://a.example", "ftp://a.example", "//a.example", "a", "http://[", ""])
async def test_a_token_is_not_sent_in_the_clear(server, url):
    server.login_fault = Fault(status=200, body={"access_token": "a", "instance_url": url})
    with pytest.raises(SinkRejected) as raised:
        await delivered(server.settings())

    assert "Salesforce named an instance that is" == str(raised.value)[:36]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no key",
        pem(KEY, BestAvailableEncryption(b"passphrase")),
        pem(ec.generate_private_key(ec.SECP256R1())),
    ],
    ids=["empty", "none", "encrypted", "elliptic"],
)
async def test_a_key_that_cannot_be_used_is_said_at_start(server, key_file, content):
    key_file.write_bytes(content)
    with pytest.raises(SettingsError) as raised:
        Salesforce(by_key(server, key_file))

    expected = f"salesforce.private_key_file: {key_file} must hold an RSA key as PEM without a passphrase"
    assert expected == str(raised.value)


async def test_a_key_file_that_is_not_there_is_said_at_start(server, tmp_path):
    with pytest.raises(SettingsError) as raised:
        Salesforce(by_key(server, tmp_path / "none.pem"))

    assert str(raised.value).endswith("none.pem cannot be read: No such file or directory")
