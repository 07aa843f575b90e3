"""Who reads, and whether a request is the page's own."""

import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import blake2b
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from msgspec import Struct

from stream_app.core.people import People, Person, person_key
from stream_app.settings.inbox import InboxSettings
from stream_app.settings.sections import is_loopback

COOKIE = "stream-app-inbox"
LOGIN_LASTS = 12 * 3600
"""Seconds."""

OURS = ("X-Stream-App", "inbox")
"""The header that a POST must have: a form or picture of another site cannot send it."""

_MAX_WHO = 256


class Reader(Struct, frozen=True, kw_only=True):
    """Who reads; `email` empty: somebody of the team, nobody in particular."""

    email: str = ""
    name: str = ""
    language: str = ""
    timezone: str = ""

    @property
    def acts(self) -> bool:
        """Whether what they do can be written down under a name."""
        return bool(self.name)


class Access:
    """Tells who reads, by cookie or by the word of a proxy."""

    def __init__(self, settings: InboxSettings, people: People, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._people = people
        self._clock = clock
        self._token = settings.token.get_secret_value()
        # Of the token alone, so that who is logged in stays so when the server starts anew, and nobody else's does.
        self._key = blake2b(self._token.encode(), digest_size=32, person=b"inbox-cookie").digest()

    @property
    def logs_in(self) -> bool:
        """Whether readers log in here, and not at a proxy alone."""
        return bool(self._token) or not self._settings.proxy_header

    def reader(self, request: web.Request) -> Reader | None:
        """Return who reads, None: nobody who may."""
        self._check_host(request)
        if (named := self._said_by_proxy(request)) is not None:
            return self._known(named) if named else None
        # Without a token anybody could sign a cookie, which is as it should be only where nobody is asked.
        email = self._of_cookie(request.cookies.get(COOKIE, "")) if self.logs_in else None
        if email is not None:
            return self._known(email)
        return None if self._settings.guarded else Reader()

    def login(self, token: str, who: str) -> Reader | None:
        """Return who has logged in, None: wrong token, or nobody in the settings."""
        if not self.logs_in:
            return None
        right = hmac.compare_digest(token.encode(errors="replace"), self._token.encode()) if self._token else True
        if not right or (who and person_key(who) not in self._people):
            return None
        return self._known(person_key(who))

    def let_in(self, answer: web.StreamResponse, reader: Reader, *, secure: bool) -> None:
        """Set the cookie."""
        until = int(self._clock()) + LOGIN_LASTS
        said = f"{until}.{urlsafe_b64encode(reader.email.encode()).decode()}"
        answer.set_cookie(
            COOKIE,
            f"{said}.{self._sign(said)}",
            max_age=LOGIN_LASTS,
            httponly=True,
            samesite="Strict",
            secure=secure,
            path="/",
        )

    def check_own(self, request: web.Request) -> None:
        """Refuse what another site may have sent."""
        self._check_host(request)
        origin = urlsplit(request.headers.get(hdrs.ORIGIN, ""))
        fetched = request.headers.get("Sec-Fetch-Site", "same-origin")
        if request.headers.get(OURS[0]) != OURS[1] or origin.netloc != request.host or fetched != "same-origin":
            raise web.HTTPForbidden

    def _check_host(self, request: web.Request) -> None:
        """Refuse a name that only leads here: where nobody is asked who they are, another site could read by it."""
        if not self._settings.guarded and not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
            raise web.HTTPForbidden

    def _said_by_proxy(self, request: web.Request) -> str | None:
        """Return whom a proxy names, empty: two at once, or none that can be; None: no proxy says anything."""
        name = self._settings.proxy_header
        if not name or not self._settings.is_proxy(request.remote or ""):
            return None
        said = request.headers.getall(name, [])
        if not said:
            return None
        return said[0].strip() if len(said) == 1 and len(said[0]) <= _MAX_WHO else ""

    def _of_cookie(self, cookie: str) -> str | None:
        said, _, signature = cookie.rpartition(".")
        until, _, email = said.partition(".")
        if (
            not hmac.compare_digest(signature.encode(errors="replace"), self._sign(said).encode())
            or int(until) <= self._clock()
        ):
            return None
        return urlsafe_b64decode(email).decode()

    def _sign(self, said: str) -> str:
        return blake2b(said.encode(errors="replace"), digest_size=32, key=self._key).hexdigest()

    def _known(self, email: str) -> Reader:
        person = self._people.get(person_key(email))
        if person is None:
            return Reader(email=person_key(email), name=email)
        return Reader(
            email=person_key(email), name=person.name or email, language=person.language, timezone=person.timezone
        )


def names(people: People) -> list[Mapping[str, str]]:
    """Return everybody in the settings, by name."""
    found = sorted(people.values(), key=_name)
    return [{"email": person_key(one.email), "name": _name(one)} for one in found]


def _name(person: Person) -> str:
    return person.name or person.email
