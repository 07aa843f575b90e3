"""A cluster with SASL and TLS: the product works on it, says why where it does not, and tells nobody a password."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from urllib.request import urlopen
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from stream_app.settings import load
from stream_app.testing.builders import page_view
from tests.faults.processes import ROOT, WorkerProcess
from tests.secured_kafka import SECRETS, Secured, secured_kafka

pytestmark = pytest.mark.kafka

KAFKA = "STREAM_APP_KAFKA__"
WRONG = "a-wrong-guess=77%"
CANCELLATION = "https://www.example.com/account/cancel"
PATIENCE = 60.0  # seconds for a command to end, whatever is wrong; connecting is given up after ten

WAYS_IN = {
    "scram": lambda secured: secured.password("SCRAM-SHA-512"),
    "plain": lambda secured: secured.password("PLAIN"),
    "certificate": lambda secured: secured.certificate(),
}


def without(environ, *keys):
    """Return variables without these of [kafka]."""
    return {name: value for name, value in environ.items() if name not in {KAFKA + key for key in keys}}


def by_name(server):
    """Return an address that the certificate, made out to a number, does not name."""
    return server.replace("127.0.0.1", "localhost")


def to_other_ca(secured):
    """Return the variables of who trusts somebody else."""
    return secured.password("PLAIN") | {f"{KAFKA}SSL_CAFILE": str(secured.folder / "other-ca.pem")}


# What is set wrong, and what of it must be said: the reason, and the settings to look at.
MISTAKES = {
    "wrong password, SCRAM": (
        lambda secured: secured.password("SCRAM-SHA-512", **{f"{KAFKA}SASL_PASSWORD": WRONG}),
        ("invalid credentials", "sasl_password or sasl_mechanism (SCRAM-SHA-512) is wrong"),
    ),
    "wrong password, PLAIN": (
        lambda secured: secured.password("PLAIN", **{f"{KAFKA}SASL_PASSWORD": WRONG}),
        ("Invalid username or password", "sasl_password or sasl_mechanism (PLAIN) is wrong"),
    ),
    "a mechanism that is off": (
        lambda secured: secured.password("SCRAM-SHA-256"),
        ("does not take sasl_mechanism SCRAM-SHA-256",),
    ),
    "wrong CA": (to_other_ca, ("certificate verify failed", "ssl_cafile")),
    "no CA": (
        lambda secured: without(secured.password("PLAIN"), "SSL_CAFILE"),
        ("certificate verify failed", "ssl_cafile"),
    ),
    "a host that the certificate does not name": (
        lambda secured: secured.password("PLAIN", STREAM_APP_BOOTSTRAP_SERVERS=by_name(secured.sasl)),
        ("not valid for 'localhost'", "bootstrap_servers"),
    ),
    "plain on a TLS port": (
        lambda secured: {"STREAM_APP_BOOTSTRAP_SERVERS": secured.sasl},
        ("(PLAINTEXT)", "closed", "this port speaks another security_protocol"),
    ),
    "TLS on a plain port": (
        lambda secured: secured.password("PLAIN", STREAM_APP_BOOTSTRAP_SERVERS=secured.plain),
        ("(SASL_SSL)", "this port speaks another security_protocol"),
    ),
    "no password where one is asked for": (
        lambda secured: secured.certificate(STREAM_APP_BOOTSTRAP_SERVERS=secured.sasl),
        ("(SSL)", "closed", "this port speaks another security_protocol"),
    ),
    "no client certificate": (
        lambda secured: without(secured.certificate(), "SSL_CERTFILE", "SSL_KEYFILE", "SSL_KEY_PASSWORD"),
        ("(SSL)", "client certificate (ssl_certfile)"),
    ),
}


@pytest.fixture(scope="module", name="secured")
def _secured(tmp_path_factory):
    with secured_kafka(tmp_path_factory.mktemp("secured")) as secured:
        yield secured


@dataclass(frozen=True)
class Said:
    """What a command printed, and how and after how long it ended."""

    exit_code: int
    out: str
    err: str
    seconds: float


def stream_app(environ, *arguments):
    """Run a command as a user does, settings in the environment."""
    begun = time.monotonic()
    command = [sys.executable, "-m", "stream_app", *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return Said(done.returncode, done.stdout, done.stderr, time.monotonic() - begun)


def leaked(*texts):
    """Return which secrets stand in one of these texts."""
    return [secret for secret in (*SECRETS, WRONG) if any(secret in text for text in texts)]


async def through_the_door(settings):
    """Write a view and something unreadable; return the alert and the dead letter once they are there."""
    options = settings.client_options()
    view = json.dumps(page_view(event_id="e1", customer_id="c1", url=CANCELLATION)).encode()
    async with AIOKafkaProducer(**options) as producer:
        await producer.send_and_wait(settings.topic("page-views"), b"{", key=b"c1")
        await producer.send_and_wait(settings.topic("page-views"), view, key=b"c1")
    outputs = [settings.topic(topic) for topic in ("cs-alerts-churn", "dead-letters")]
    async with AIOKafkaConsumer(*outputs, **options, auto_offset_reset="earliest") as consumer:
        async with asyncio.timeout(PATIENCE):
            found = [await consumer.getone(), await consumer.getone()]
    return {record.topic: record.value.decode() for record in found}


def served(worker):
    """Return what /metrics shows."""
    address = next(line["address"] for line in worker.log() if "address" in line)
    with urlopen(f"{address}/metrics") as page:
        return page.read().decode()


@pytest.mark.parametrize("way_in", WAYS_IN.values(), ids=list(WAYS_IN))
async def test_topics_check_and_detect_work_and_no_secret_leaves_them(secured, tmp_path, way_in):
    """At log level debug, where libraries tell everything."""
    name = f"t{uuid4().hex[:8]}"
    environ = way_in(secured) | {
        "STREAM_APP_TOPIC_PREFIX": f"{name}.",
        "STREAM_APP_GROUP": name,
        "STREAM_APP_NOTIFY__GROUP": f"{name}-notify",
        "STREAM_APP_ALERTS_FROM": "earliest",
        "STREAM_APP_DATA_DIR": str(tmp_path / "data"),
        "STREAM_APP_WEB__PORT": "0",
        "STREAM_APP_LOG__LEVEL": "debug",
        "STREAM_APP_CHECKPOINT_INTERVAL": "200ms",
    }
    created = await asyncio.to_thread(stream_app, environ, "topics", "create")
    assert (0, "") == (created.exit_code, created.err)
    checked = await asyncio.to_thread(stream_app, environ, "check", "--json")
    assert (0, True, []) == (checked.exit_code, *map(json.loads(checked.out).get, ("good", "problems")))

    worker = WorkerProcess(environ, tmp_path / "log")
    worker.start()
    try:
        found = await through_the_door(load(environ=environ))
        metrics = await asyncio.to_thread(served, worker)
        ended, _ = await asyncio.to_thread(worker.end, signal.SIGTERM)
    finally:
        worker.kill()

    log = worker.log_file.read_text()
    assert 0 == ended, worker.log_tail()
    assert "churn.cancellation-page" == json.loads(found[f"{name}.cs-alerts-churn"])["rule_id"]
    assert "Request to 127.0.0.1" in log, "the libraries did not speak"
    assert [] == leaked(created.out, checked.out, checked.err, log, metrics, *found.values())


@pytest.mark.parametrize(("environ", "expected"), MISTAKES.values(), ids=list(MISTAKES))
async def test_a_mistake_is_said_at_once_with_what_to_look_at(secured: Secured, tmp_path, environ, expected):
    """By `check` and by a worker alike: exit code 1, no traceback, no password."""
    own = environ(secured) | {"STREAM_APP_DATA_DIR": str(tmp_path), "STREAM_APP_WEB__PORT": "0"}
    checked, worked = await asyncio.gather(
        asyncio.to_thread(stream_app, own, "check", "--json"), asyncio.to_thread(stream_app, own, "detect")
    )

    why = json.loads(checked.out)["unreachable"]
    assert (1, 1) == (checked.exit_code, worked.exit_code)
    assert why == json.loads(worked.err.splitlines()[-1])["error"]
    assert [] == [part for part in expected if part not in why], why
    assert "Traceback" not in checked.err + worked.err
    assert [] == leaked(checked.out, checked.err, worked.out, worked.err)
    assert max(checked.seconds, worked.seconds) < PATIENCE / 2


def test_a_key_that_cannot_be_read_is_a_matter_of_settings(secured):
    """Exit code 2: no broker is needed to tell."""
    said = stream_app(secured.certificate(**{f"{KAFKA}SSL_KEY_PASSWORD": WRONG}), "check")

    assert (2, "") == (said.exit_code, said.out)
    assert f"ssl_keyfile {secured.folder / 'client.key'}" in said.err
    assert "ssl_key_password must fit" in said.err
    assert [] == leaked(said.err)
