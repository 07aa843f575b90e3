"""An inbox that is served without a broker: its cases are given, and what is done is kept in a list."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from pydantic import SecretStr

from stream_app.inbox.access import Access
from stream_app.inbox.acts import said_of
from stream_app.inbox.hall import Hall
from stream_app.inbox.reading import Reading
from stream_app.inbox.site import Site
from stream_app.progress import silently
from stream_app.settings.inbox import InboxSettings
from stream_app.web import served
from tests.inbox.inbox_cases import AT, OWNER, SETTINGS, told
from tests.inbox.test_inbox_cases import take

TOKEN = "a-token-of-this-test"
OURS = {"X-Stream-App": "inbox"}


@dataclass
class Kept:
    """Keeps what is written, in place of Kafka."""

    said: list = field(default_factory=list)

    async def act(self, case, action, reader):
        self.said.append(said_of(case, action, reader, AT))
        return self.said[-1]


@dataclass
class Server:
    """A running inbox, and somebody in front of it."""

    address: str
    hall: Hall
    kept: Kept
    session: aiohttp.ClientSession

    @property
    def own(self) -> dict:
        """The headers that the page's own requests have."""
        return {**OURS, "Origin": self.address}

    async def get(self, path, **headers):
        """Return status and what was answered."""
        async with self.session.get(self.address + path, headers=headers) as answer:
            return answer.status, await _body(answer)

    async def post(self, path, body=None, **headers):
        """Return the same of a POST with exactly these headers."""
        async with self.session.post(self.address + path, json=body, headers=headers) as answer:
            return answer.status, await _body(answer)

    async def login(self, token=TOKEN, who=OWNER):
        """Log in as the page does."""
        return await self.post("/login", {"token": token, "who": who}, **self.own)


async def _body(answer):
    return await answer.json() if answer.content_type == "application/json" else await answer.text()


@asynccontextmanager
async def inbox(*records, up=True, clock=None, **own):
    """Serve these cases with these settings, on a free port."""
    given = {"port": 0, **own}
    if isinstance(given.get("token"), str):
        given["token"] = SecretStr(given["token"])
    settings = SETTINGS.model_copy(update={"inbox": InboxSettings(**given)})
    hall, kept = Hall(settings, lambda: AT, 1_000), Kept()
    for each in records or (told(1),):
        take(hall.cases, each)
    if up:
        await hall.all_read()
    people = hall.desk.rules.people
    access = Access(settings.inbox, people, **({"clock": clock} if clock else {}))
    names = [settings.topic(each) for each in ("notify-queue", "deliveries", "cs-feedback", "erasures")]
    reading = Reading(settings, dict.fromkeys(names, 1), hall.cases, silently)
    jar = aiohttp.CookieJar(unsafe=True)  # of an address without a name
    async with (
        served(Site(hall, access, kept, reading).app(), settings.inbox.host, 0) as address,
        aiohttp.ClientSession(cookie_jar=jar) as session,
    ):
        yield Server(address, hall, kept, session)
