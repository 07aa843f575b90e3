"""A broker with doors as those of real clusters: SASL over TLS, and TLS with client certificates."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import pathsep
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization

from stream_app.testing import EmbeddedKafka
from stream_app.testing.kafka_runtime import find_jars, find_java, free_port, java_environment

USER = "stream-app-user"
PASSWORD = "correct-horse=battery%staple"
KEY_PASSWORD = "open-sesame=42%"
SECRETS = (PASSWORD, KEY_PASSWORD, "PRIVATE KEY")
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Secured:
    """Where the doors of a running broker are, and the files that open them."""

    plain: str
    sasl: str
    tls: str
    folder: Path

    def password(self, mechanism: str, **more: str) -> dict[str, str]:
        """Return the variables of who comes with name and password over TLS."""
        return {
            "STREAM_APP_BOOTSTRAP_SERVERS": self.sasl,
            "STREAM_APP_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
            "STREAM_APP_KAFKA__SASL_MECHANISM": mechanism,
            "STREAM_APP_KAFKA__SASL_USERNAME": USER,
            "STREAM_APP_KAFKA__SASL_PASSWORD": PASSWORD,
            "STREAM_APP_KAFKA__SSL_CAFILE": str(self.folder / "ca.pem"),
        } | more

    def certificate(self, **more: str) -> dict[str, str]:
        """Return the variables of who comes with a certificate, whose key is encrypted."""
        return {
            "STREAM_APP_BOOTSTRAP_SERVERS": self.tls,
            "STREAM_APP_KAFKA__SECURITY_PROTOCOL": "SSL",
            "STREAM_APP_KAFKA__SSL_CAFILE": str(self.folder / "ca.pem"),
            "STREAM_APP_KAFKA__SSL_CERTFILE": str(self.folder / "client.pem"),
            "STREAM_APP_KAFKA__SSL_KEYFILE": str(self.folder / "client.key"),
            "STREAM_APP_KAFKA__SSL_KEY_PASSWORD": KEY_PASSWORD,
        } | more


@contextmanager
def secured_kafka(folder: Path) -> Iterator[Secured]:
    """Run the broker, with the user in it and the files in `folder`."""
    ca, other = trustme.CA(), trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    other.cert_pem.write_to_path(folder / "other-ca.pem")
    client = ca.issue_cert(f"{USER}@example.com")
    (folder / "client.pem").write_bytes(_chain(client))
    (folder / "client.key").write_bytes(_key(client, KEY_PASSWORD))
    plain, sasl, tls, controller = (free_port() for _ in range(4))
    settings = _settings(ca, plain, sasl, tls, controller)
    with EmbeddedKafka(port=plain, settings=settings, progress=None) as kafka:
        _add_user(kafka.bootstrap_servers)
        yield Secured(kafka.bootstrap_servers, f"{HOST}:{sasl}", f"{HOST}:{tls}", folder)


def _settings(ca: trustme.CA, plain: int, sasl: int, tls: int, controller: int) -> dict[str, str]:
    doors = f"PLAINTEXT://{HOST}:{plain},PASSWORDS://{HOST}:{sasl},CERTIFICATES://{HOST}:{tls}"
    server = ca.issue_cert(HOST)
    module = "org.apache.kafka.common.security"
    return {
        "listeners": f"{doors},CONTROLLER://{HOST}:{controller}",
        "advertised.listeners": doors,
        "controller.quorum.voters": f"1@{HOST}:{controller}",
        "listener.security.protocol.map": (
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PASSWORDS:SASL_SSL,CERTIFICATES:SSL"
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.certificate.chain": _chain(server).decode(),
        "ssl.keystore.key": _key(server).decode(),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.certificates": ca.cert_pem.bytes().decode(),
        "listener.name.certificates.ssl.client.auth": "required",
        "listener.name.passwords.sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        "listener.name.passwords.scram-sha-512.sasl.jaas.config": f"{module}.scram.ScramLoginModule required;",
        "listener.name.passwords.plain.sasl.jaas.config": (
            f'{module}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
        ),
    }


def _add_user(bootstrap_servers: str) -> None:
    """Give the user a SCRAM password, through the door that asks for none."""
    jars = pathsep.join(map(str, find_jars(lambda line: None)))
    command = [str(find_java()), "-cp", jars, "kafka.admin.ConfigCommand", "--bootstrap-server", bootstrap_servers]
    change = ["--alter", "--entity-type", "users", "--entity-name", USER]
    config = ["--add-config", f"SCRAM-SHA-512=[iterations=4096,password={PASSWORD}]"]
    done = subprocess.run(
        [*command, *change, *config], env=java_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert 0 == done.returncode, done.stdout + done.stderr


def _chain(cert: trustme.LeafCert) -> bytes:
    return b"".join(blob.bytes() for blob in cert.cert_chain_pems)


def _key(cert: trustme.LeafCert, password: str = "") -> bytes:
    """Return the key in the form that Java reads, PKCS#8."""
    key = serialization.load_pem_private_key(cert.private_key_pem.bytes(), None)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption(),
    )
