"""The table of the inbox: where it is served, and who may read."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Self, TypeAlias

from pydantic import AfterValidator, Field, SecretStr, model_validator

from stream_app.settings.sections import Port, Section, is_loopback

SHORTEST_TOKEN = 16
"""Characters: what is shorter can be guessed by trying."""


def _network(text: str) -> str:
    ip_network(text)
    return text


Network: TypeAlias = Annotated[str, AfterValidator(_network)]
HeaderName: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,100}$")]


class InboxSettings(Section):
    """Where the page for customer success is served, and how it is known who reads."""

    host: str = "127.0.0.1"
    port: Port = 6069
    token: SecretStr = SecretStr("")
    token_file: Path | None = None
    proxy_header: HeaderName = ""
    proxy_from: tuple[Network, ...] = ()

    @model_validator(mode="after")
    def _token_is_none_or_long(self) -> Self:
        if 0 < len(self.token.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"token must have at least {SHORTEST_TOKEN} characters")
        return self

    @model_validator(mode="after")
    def _proxy_is_whole(self) -> Self:
        if bool(self.proxy_header) != bool(self.proxy_from):
            raise ValueError("proxy_header and proxy_from belong together: the header is believed from nowhere else")
        return self

    @model_validator(mode="after")
    def _not_open_to_all(self) -> Self:
        if not self.guarded and not is_loopback(self.host):
            raise ValueError(f"host {self.host!r} is reachable from other machines: that needs a token or proxy_header")
        return self

    @property
    def guarded(self) -> bool:
        """Whether not just anybody on this machine may read."""
        return bool(self.token.get_secret_value() or self.proxy_header)

    def is_proxy(self, address: str) -> bool:
        """Tell whether the header is believed from this address."""
        networks: list[IPv4Network | IPv6Network] = [ip_network(each) for each in self.proxy_from]
        there = ip_address(address)
        mapped = there.ipv4_mapped if isinstance(there, IPv6Address) else None  # of IPv4, heard on an IPv6 socket
        return any((mapped or there) in network for network in networks)
