"""The tables of the settings file: what may stand in each, and what it is if nothing is said."""

import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from stream_app.core.audience import DEFAULT_STAFF_DOMAINS, Audience
from stream_app.core.events import DAY, SECOND
from stream_app.core.pages import DEFAULT_QUERY_KEYS, PageCategory, PagePattern
from stream_app.formats.csv_export import CsvMapping
from stream_app.settings.values import Span
from stream_app.topics import RECORDED, InputTopic

Port = Annotated[int, Field(ge=0, le=65535)]
GroupName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,200}$")]


def _once_each(topics: tuple[InputTopic, ...]) -> tuple[InputTopic, ...]:
    if others := set(topics) - set(RECORDED):
        raise ValueError(f"must be of {', '.join(RECORDED)}, not {', '.join(others)}")
    return tuple(dict.fromkeys(topics))


Rekey = Annotated[tuple[InputTopic, ...], AfterValidator(_once_each)]


class Section(BaseModel):
    """A table: frozen, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Topics(Section):
    """How topics are created."""

    partitions: Annotated[int, Field(ge=1, le=1000)] = 4
    replication_factor: Annotated[int, Field(ge=1, le=9)] = 1
    retention: Span = 7 * DAY


class Kafka(Section):
    """How to reach the cluster; the names are Kafka's own."""

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    sasl_username: str = ""
    sasl_password: SecretStr = SecretStr("")
    sasl_password_file: Path | None = None
    ssl_cafile: Path | None = None
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    ssl_key_password: SecretStr = SecretStr("")
    ssl_key_password_file: Path | None = None
    session_timeout: Span = 10 * SECOND

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        given = bool(self.sasl_username), bool(self.sasl_password.get_secret_value())
        if self.uses_sasl and not all(given):
            raise ValueError(f"{self.security_protocol} needs both sasl_username and sasl_password")
        if any(given) and not self.uses_sasl:
            raise ValueError("sasl_username and sasl_password need security_protocol SASL_SSL or SASL_PLAINTEXT")
        if (self.ssl_cafile or self.ssl_certfile or self.ssl_keyfile) and not self.uses_tls:
            raise ValueError("ssl_cafile, ssl_certfile and ssl_keyfile need security_protocol SSL or SASL_SSL")
        if self.ssl_keyfile and not self.ssl_certfile:
            raise ValueError("ssl_keyfile needs ssl_certfile")
        return self

    @property
    def uses_sasl(self) -> bool:
        """Whether we say who we are by name and password."""
        return self.security_protocol.startswith("SASL")

    @property
    def uses_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.security_protocol.endswith("SSL")

    def ssl_context(self) -> ssl.SSLContext | None:
        """Return the TLS side of a connection, None without TLS; OSError (SSLError is one) if a file is bad."""
        if not self.uses_tls:
            return None
        context = ssl.create_default_context(cafile=self.ssl_cafile)
        if self.ssl_certfile:
            # Called only for an encrypted key, and with an empty answer it fails instead of asking the terminal.
            context.load_cert_chain(self.ssl_certfile, self.ssl_keyfile, self.ssl_key_password.get_secret_value)
        return context

    def tls_files(self) -> str:
        """Return which files TLS is set up from, and what they must be."""
        given = {"ssl_cafile": self.ssl_cafile, "ssl_certfile": self.ssl_certfile, "ssl_keyfile": self.ssl_keyfile}
        files = ", ".join(f"{key} {path}" for key, path in given.items() if path)
        encrypted = ", and ssl_key_password must fit the key" if self.ssl_certfile else ""
        return f"they must be PEM files that can be read ({files}){encrypted}"


class Web(Section):
    """Where metrics and probes are served."""

    host: str = "127.0.0.1"
    port: Port = 6066
    token: SecretStr = SecretStr("")
    token_file: Path | None = None

    @model_validator(mode="after")
    def _not_open_to_all(self) -> Self:
        if not self.token.get_secret_value() and not is_loopback(self.host):
            raise ValueError(f"host {self.host!r} is reachable from other machines: that needs a token")
        return self


class Log(Section):
    """What is logged, and in which form."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class PageEntry(Section):
    """One own page pattern; see the core's `PagePattern`."""

    category: PageCategory
    path: str
    host: str = ""
    whole: bool = False
    unless: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.path.strip("/") and not self.host:
            raise ValueError("path '/' without a host would be every page")
        if self.plans and self.category is not PageCategory.FEATURE:
            raise ValueError("plans: only a page of category 'feature' may name the plans that hold it")
        if not all(plan.strip() for plan in self.plans):
            raise ValueError("plans: an empty text is no plan")
        return self

    def pattern(self) -> PagePattern:
        """Return the core's form of it."""
        return PagePattern(**self.model_dump())


class Urls(Section):
    """What of a URL may be kept."""

    query_keys: tuple[str, ...] = DEFAULT_QUERY_KEYS


class AudienceSettings(Section):
    """Whose views are not those of customers; see the core's `Audience`."""

    bots: tuple[str, ...] = ()
    staff_agents: tuple[str, ...] = ()
    staff_ids: tuple[str, ...] = ()
    staff_domains: tuple[str, ...] = DEFAULT_STAFF_DOMAINS

    @field_validator("*")
    @classmethod
    def _not_empty(cls, parts: tuple[str, ...]) -> tuple[str, ...]:
        if not all(part.strip() for part in parts):
            raise ValueError("an empty text would mean everybody")
        return parts

    def audience(self) -> Audience:
        """Return the core's form of it."""
        return Audience(**self.model_dump())


class AccessLog(Section):
    """How to read a web server's log, which holds paths only: what stands before them."""

    base_url: str = ""

    @field_validator("base_url")
    @classmethod
    def _with_scheme(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url


class Csv(Section):
    """Which column of a CSV export says what; see the `CsvMapping` that it makes."""

    kind: Literal["purchases", "page-views"]
    columns: dict[str, str]
    constants: dict[str, str] = Field(default_factory=dict)
    encoding: Literal["utf-8", "cp932"] = "utf-8"
    delimiter: str = ","
    time_format: str = ""
    timezone: str = "UTC"
    cancelled_prefix: str = ""
    cancelled_column: str = ""
    only: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        self.mapping()
        return self

    def mapping(self) -> CsvMapping:
        """Return the reader's form of it."""
        return CsvMapping(**self.model_dump())


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches a host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
